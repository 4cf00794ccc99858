            function P() -> c { c := 0xffffffff00000001 }
            function PRIMES() -> c { c := mload(0x11e0) } // p in both parts; in memory, where it costs 4 bytes of code
            function LANES() -> c { c := 0xffffffffffffffff0000000000000000ffffffffffffffff }
            function LOW() -> c { c := 0xffffffffffffffffffffffffffffffff }
            function ONE() -> c { c := 0x100000000000000000000000000000000 }
            function NODE() -> c { c := 0xffffffffffffffffffffffffffffffffffffffffffffffffffff000000000000 }

            function refuse(code, length) {
                mstore(0x00, shl(224, 0x08c379a0))
                mstore(0x04, 0x20)
                mstore(0x24, length)
                mstore(0x44, code)
                revert(0x00, 0x64)
            }

            // ---- E

            function product(a, b) -> c {
                let a1 := and(a, LOW())
                let b1 := and(b, LOW())
                a := shr(128, a)
                b := shr(128, b)
                c := or(
                    shl(128, mod(add(mul(a, b), mul(7, mul(a1, b1))), P())),
                    mod(add(mul(a, b1), mul(a1, b)), P())
                )
            }
            function reduced(a) -> c {
                c := or(shl(128, mod(shr(128, a), P())), mod(and(a, LOW()), P()))
            }
            // A reduced element times a residue.
            function scaled(a, factor) -> c {
                c := or(shl(128, mulmod(shr(128, a), factor, P())), mulmod(and(a, LOW()), factor, P()))
            }
            // 1 − a, lazy.
            function complement(a) -> c { c := sub(add(ONE(), PRIMES()), a) }
            // eq(a, b) of one variable, lazy.
            function equality(a, b) -> c {
                c := sub(add(add(ONE(), mul(2, PRIMES())), shl(1, product(a, b))), add(a, b))
            }
            // The claim after a round: c·value + (1−2c)·c0 + (c²−c)·c2, lazy.
            function folded(value, c0, c2, c) -> r {
                let inner := sub(add(add(value, product(c, c2)), mul(4, PRIMES())), add(shl(1, c0), c2))
                r := add(c0, product(c, inner))
            }
            // Writes eq(point, i) for i below 2^bits, lazy; the point's low variable first, in memory.
            function write_equalities(to, point, bits) {
                mstore(to, ONE())
                let half := 0x20
                for { let last := add(point, shl(5, bits)) } lt(point, last) { point := add(point, 0x20) } {
                    let r := mload(point)
                    let high := add(to, half)
                    for { let at := to } lt(at, high) { at := add(at, 0x20) } {
                        let value := mload(at)
                        let taken := product(value, r)
                        mstore(add(at, half), taken)
                        mstore(at, sub(add(value, PRIMES()), taken))
                    }
                    half := shl(1, half)
                }
            }
