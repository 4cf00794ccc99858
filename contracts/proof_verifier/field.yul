            function P() -> c { c := 0xffffffff00000001 }
            function PRIMES() -> c { c := mload(0x1340) } // p in both parts; in memory, where it costs 4 bytes of code
            function LANES() -> c { c := 0xffffffffffffffff0000000000000000ffffffffffffffff }
            function LOW() -> c { c := 0xffffffffffffffffffffffffffffffff }
            function ONE() -> c { c := 0x100000000000000000000000000000000 }
            function HIGH() -> c { c := 0xffffffffffffffffffffffffffffffff00000000000000000000000000000000 }
            function ONES() -> c { c := 0x1000000000000000000000000 } // in a record of BLOCKS: the tensor of ones
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
                    let phi := mload(point)
                    let real := shr(128, phi)
                    phi := and(phi, LOW())
                    let phi7 := mul(7, phi)
                    for { let at := add(to, half) } gt(at, to) { } {
                        at := sub(at, 0x20)
                        let value := mload(at)
                        let high := shr(128, value)
                        let low := and(value, LOW())
                        low := or(
                            shl(128, mod(add(mul(high, real), mul(low, phi7)), P())),
                            mod(add(mul(high, phi), mul(low, real)), P())
                        )
                        mstore(add(at, half), low)
                        mstore(at, sub(add(value, PRIMES()), low))
                    }
                    half := shl(1, half)
                }
            }
