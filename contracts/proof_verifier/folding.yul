            // ---- steps P5 and P6

            // Keeps what P5 and P6 need of P4 where their arrays are not.
            function keep_point() -> variables {
                variables := add(log_columns(), 1)
                let count := add(variables, row_bits())
                mcopy(ROUNDS(), add(CHALLENGES(), shl(5, first_batch())), shl(5, count))
                let column := add(ROUNDS(), shl(5, count))
                for { let i := 0 } lt(i, variables) { i := add(i, 1) } {
                    column := sub(column, 0x20)
                    mstore(add(COLUMNS(), shl(5, i)), mload(column))
                }
            }
            function masked_opening(row_work) {
                let sigma := read_clear()
                work(row_work)
                let epsilon := challenge()
                mstore(EPSILON(), epsilon)
                mstore(VALUE(), add(sigma, product(epsilon, mload(VALUE()))))
            }
            // Adds the claims of a level to Θ: the value outside the domain, then those at the queries.
            function mix_claims(outside, count, is_first) -> mix {
                mix := challenge()
                let power := mix
                let value := add(mload(VALUE()), product(power, outside))
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    power := product(power, mix)
                    value := add(value, product(power, mload(add(FIRST(), shl(5, i)))))
                    if is_first {
                        power := product(power, mix)
                        value := add(value, product(power, mload(add(SECOND(), shl(5, i)))))
                    }
                }
                mstore(VALUE(), value)
            }
            function fold_rounds(variables, count, bits) {
                for { let end := sub(variables, count) } gt(variables, end) { } {
                    variables := sub(variables, 1)
                    let at := take(32)
                    let c0 := element(at)
                    let c2 := element(add(at, 16))
                    absorb(at, 32)
                    work(bits)
                    let c := challenge()
                    mstore(VALUE(), folded(mload(VALUE()), c0, c2, c))
                    mstore(add(FOLDS(), shl(5, variables)), c)
                }
            }
            // The openings of the oracle before a level, and the points of its queries.
            function open_queries(level, levels, root, points) -> count {
                count := parameter(add(add(7, shl(1, levels)), level))
                let bits := parameter(5)
                if level { bits := parameter(add(6, shl(1, level))) }
                work(parameter(add(9, shl(2, levels))))
                mstore(0x00, 0)
                draw_places(count, bits)
                switch level
                case 0 {
                    write_roots()
                    open_matrices(count, bits)
                }
                default { open_level(count, bits, root, shl(parameter(add(5, shl(1, level))), 1)) }
                write_query_points(points, count, bits)
            }
