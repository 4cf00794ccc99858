            // ---- transcript and proof

            function take(length) -> at {
                at := mload(CURSOR())
                let next := add(at, length)
                if gt(next, mload(END())) { refuse("proof/length", 12) }
                mstore(CURSOR(), next)
            }
            function absorb(at, length) {
                calldatacopy(0x60, at, length)
                mstore(0x40, keccak256(0x40, add(length, 0x20)))
            }
            function challenge() -> c {
                mstore8(0x60, 1)
                let state := keccak256(0x40, 0x21)
                mstore(0x40, state)
                c := or(shl(128, mod(and(state, LOW()), P())), mod(shr(128, state), P()))
            }
            // The element at a place that was checked.
            function sent(at) -> e {
                e := shr(128, calldataload(at))
                e := and(or(e, shl(64, e)), LANES())
            }
            function element(at) -> e {
                e := sent(at)
                canonical(add(e, 0x00000000000000000000000000000000ffffffff000000000000000000000000ffffffff))
            }
            // `sums`: words of which no lane may have reached 2^64, or'ed; each lane a symbol + 2^32 − 1.
            function canonical(sums) {
                if and(sums, 0x1000000000000000000000000000000010000000000000000) {
                    refuse("proof/element", 13)
                }
            }
            function read_clear() -> e {
                let at := take(16)
                e := element(at)
                absorb(at, 16)
            }
            function work(bits) {
                if bits {
                    absorb(take(8), 8)
                    if shr(sub(256, bits), mload(0x40)) { refuse("proof/work", 10) }
                }
            }
            function parameter(index) -> value { value := byte(0, calldataload(add(mload(PARAMETERS()), index))) }
            // Where the length of a byte string among the arguments stands.
            function argument(index) -> at { at := add(calldataload(add(4, shl(5, index))), 4) }
