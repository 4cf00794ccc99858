            // ---- the final vector

            function read_final(bits) {
                let length := shl(4, shl(bits, 1))
                let at := take(length)
                let to := FINAL()
                for { let end := add(at, length) } lt(at, end) { at := add(at, 16) } {
                    let value := element(at)
                    mstore(to, shr(128, value))
                    mstore(add(to, 0x20), and(value, LOW()))
                    to := add(to, 0x40)
                }
                absorb(sub(at, length), length)
            }
            // Σ_j final_j·x^j, from the end; four coefficients for each reduction. At least 4 coefficients.
            function evaluate_final(x, bits) -> value {
                let square := mulmod(x, x, P())
                let cube := mulmod(square, x, P())
                let fourth := mulmod(square, square, P())
                let real := 0
                let phi := 0
                for { let at := add(FINAL(), shl(bits, 0x40)) } gt(at, FINAL()) { } {
                    at := sub(at, 0x100)
                    real := add(mul(real, fourth), mul(mload(add(at, 0xc0)), cube))
                    phi := add(mul(phi, fourth), mul(mload(add(at, 0xe0)), cube))
                    real := add(real, mul(mload(add(at, 0x80)), square))
                    phi := add(phi, mul(mload(add(at, 0xa0)), square))
                    real := mod(add(add(real, mul(mload(add(at, 0x40)), x)), mload(at)), P())
                    phi := mod(add(add(phi, mul(mload(add(at, 0x60)), x)), mload(add(at, 0x20))), P())
                }
                value := or(shl(128, real), phi)
            }
            // The multilinear extension of the final vector; the point in memory.
            function extend_final(point, bits) -> value {
                let to := SCRATCH()
                let last := add(to, shl(bits, 0x20))
                let from := FINAL()
                for { } lt(to, last) { to := add(to, 0x20) } {
                    mstore(to, or(shl(128, mload(from)), mload(add(from, 0x20))))
                    from := add(from, 0x40)
                }
                for { } bits { bits := sub(bits, 1) } {
                    let r := mload(point)
                    from := SCRATCH()
                    for { to := SCRATCH() } lt(from, last) { to := add(to, 0x20) } {
                        let zero := mload(from)
                        mstore(to, reduced(add(zero, product(r, sub(add(mload(add(from, 0x20)), PRIMES()), zero)))))
                        from := add(from, 0x40)
                    }
                    last := to
                    point := add(point, 0x20)
                }
                value := mload(SCRATCH())
            }
            // Π eq over variables first to before end; both points in memory from variable 0.
            function equalities(point, first, end) -> value {
                value := ONE()
                for { let at := shl(5, first) } lt(at, shl(5, end)) { at := add(at, 0x20) } {
                    value := product(value, equality(mload(add(point, at)), mload(add(FOLDS(), at))))
                }
            }
            function fold_of(variable) -> c { c := mload(add(FOLDS(), shl(5, variable))) }
            function column_of(variable) -> c { c := mload(add(COLUMNS(), shl(5, variable))) }

            // The weight ω̃(ρ)·eq(ρ_col, ·) below the top quarter.
            function matrix_weight(bits, variables, quarter) -> value {
                let a := sub(variables, 1)
                let b := sub(variables, 2)
                let corner := product(product(column_of(a), column_of(b)), quarter)
                value := product(equality(column_of(a), fold_of(a)), equality(column_of(b), fold_of(b)))
                value := product(sub(add(value, PRIMES()), corner), equalities(COLUMNS(), bits, b))
                value := product(product(value, extend_final(COLUMNS(), bits)), mload(WEIGHT()))
            }
            // The weights a' and φ·a' of the pads of step P4 in the top quarter, from the last round to the first.
            function pad_weight(bits, variables, quarter) -> total {
                let capacity := sub(variables, 4) // log of the pads' capacity
                let count := add(variables, row_bits())
                let last := add(ROUNDS(), shl(5, count))
                let pad := add(first_batch_pad(), shl(1, count))
                let suffix := ONE()
                let part := 0 // of the pads that differ in the variables of the final vector only
                for { } gt(last, ROUNDS()) { } {
                    last := sub(last, 0x20)
                    let c := mload(last)
                    let leading := sub(add(product(c, c), PRIMES()), c)
                    for { let i := 0 } lt(i, 2) { i := add(i, 1) } {
                        pad := sub(pad, 1)
                        part := add(part, product(product(suffix, leading), final_of(pad, bits)))
                        leading := sub(add(ONE(), mul(2, PRIMES())), shl(1, c))
                        if or(iszero(and(pad, sub(shl(bits, 1), 1))), and(eq(i, 1), eq(last, ROUNDS()))) {
                            total := add(total, product(part, high_equality(pad, bits, capacity)))
                            part := 0
                        }
                    }
                    suffix := product(suffix, c)
                }
                let both := fold_of(capacity)
                total := product(total, product(quarter, add(complement(both), product(both, 1))))
                for { let j := add(capacity, 1) } lt(j, sub(variables, 2)) { j := add(j, 1) } {
                    total := product(total, complement(fold_of(j)))
                }
            }
            function final_of(index, bits) -> value {
                let at := add(FINAL(), shl(6, and(index, sub(shl(bits, 1), 1))))
                value := or(shl(128, mload(at)), mload(add(at, 0x20)))
            }
            function high_equality(index, bits, capacity) -> value {
                value := ONE()
                for { let j := bits } lt(j, capacity) { j := add(j, 1) } {
                    let r := fold_of(j)
                    switch and(shr(j, index), 1)
                    case 0 { value := product(value, complement(r)) }
                    default { value := product(value, r) }
                }
            }
            // Π over variables first to before end of 1 − r + r·x^(2^variable); and x^(2^end).
            function power_weight(value, y, first, end) -> weight, power {
                let real := shr(128, value)
                let phi := and(value, LOW())
                let at := add(FOLDS(), shl(5, first))
                for { end := add(FOLDS(), shl(5, end)) } lt(at, end) { at := add(at, 0x20) } {
                    // (1 + P + r·y − r), by parts; the product of parts is below 2^196.
                    let r := mload(at)
                    let a := shr(128, r)
                    a := sub(add(mul(a, y), 0xffffffff00000002), a)
                    r := and(r, LOW())
                    r := sub(add(mul(r, y), P()), r)
                    value := mod(add(mul(real, a), mul(7, mul(phi, r))), P())
                    phi := mod(add(mul(real, r), mul(phi, a)), P())
                    real := value
                    y := mulmod(y, y, P())
                }
                weight := or(shl(128, real), phi)
                power := y
            }
            // The weights of a level's claims: ξ·eq(z, ·) and the powers of ξ times x^j. From the last claim to the first.
            function level_weight(bits, variables, count, points, z, mix, quarter) -> total {
                for { let at := add(points, shl(5, count)) } gt(at, points) { } {
                    at := sub(at, 0x20)
                    let x := mload(at)
                    let y := x
                    for { let i := 0 } lt(i, bits) { i := add(i, 1) } { y := mulmod(y, y, P()) }
                    let weight := evaluate_final(x, bits)
                    switch quarter
                    case 0 { weight, y := power_weight(weight, y, bits, variables) }
                    default { weight := quarter_weight(weight, y, bits, variables, mix, quarter) }
                    switch quarter
                    case 0 { total := product(mix, add(total, weight)) }
                    default { total := product(mix, add(product(mix, total), weight)) }
                }
                let outside := product(equalities(z, bits, variables), extend_final(z, bits))
                total := product(mix, add(total, outside))
            }
            // Both claims of a query of the matrices: below the top quarter, plus ξ times in it.
            function quarter_weight(value, y, bits, variables, mix, quarter) -> weight {
                weight, y := power_weight(value, y, bits, sub(variables, 2))
                let both, top := power_weight(ONE(), y, sub(variables, 2), variables)
                top := mulmod(y, mulmod(y, y, P()), P()) // x^(3·2^(b−1))
                let corner := reduced(mul(quarter, top))
                weight := product(weight, add(sub(add(both, PRIMES()), corner), product(mix, quarter)))
            }
