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
                check_symbols(at, 16)
                e := sent(at)
            }
            function SIGNS() -> c { c := 0x8000000000000000800000000000000080000000000000008000000000000000 }
            // Of four symbols: has its sign bit set where the high half of a symbol is all ones. One in 2^32 is, so only then
            // is it worth while to compare.
            function suspect(word) -> r {
                let most := 0x7fffffff000000007fffffff000000007fffffff000000007fffffff00000000
                r := and(word, add(and(word, most), 0x0000000100000000000000010000000000000001000000000000000100000000))
            }
            // Refuses symbols that are not below p.
            function check_symbols(at, length) {
                for { let end := add(at, length) } lt(at, end) { at := add(at, 0x20) } {
                    let word := calldataload(at)
                    let left := sub(end, at)
                    if lt(left, 0x20) {
                        left := shl(3, sub(0x20, left))
                        word := shl(left, shr(left, word))
                    }
                    if and(suspect(word), SIGNS()) {
                        // A symbol + 2^32 − 1 reaches 2^64.
                        let more := 0x00000000000000000000000000000000ffffffff000000000000000000000000ffffffff
                        let sums := or(add(and(word, LANES()), more), add(and(shr(64, word), LANES()), more))
                        if and(sums, 0x1000000000000000000000000000000010000000000000000) { refuse("proof/element", 13) }
                    }
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
