            // ---- what messages say themselves, and the pads that hide them (proof.md, section 4), with powers of ζ

            function set_pad(index, coefficient) { mstore(add(PADS(), shl(5, index)), coefficient) }
            function add_pad(index, coefficient) {
                let at := add(PADS(), shl(5, index))
                mstore(at, add(mload(at), coefficient))
            }
            function negated(a) -> c { c := sub(PRIMES(), a) }
            // Constraints 0 … M−1 and the sent parts of M and M+1; ζ^M.
            function read_layers() -> power {
                let m := fraction_bits()
                let at := add(messages(), 42)
                let numerator := 0
                let denominator := sent(sub(at, 16))
                let base := add(CHALLENGES(), 0x40)
                let pad := add(mul(7, m), 3)
                power := ONE()
                for { let layer := 0 } lt(layer, m) { layer := add(layer, 1) } {
                    let combiner := mload(base)
                    let rounds := read_layer_rounds(at, base, layer, pad)
                    at := add(at, shl(5, layer))
                    pad := add(pad, shl(1, layer))
                    add_value(product(power, add(add(numerator, product(combiner, denominator)), rounds)))
                    if layer { mask_claim(sub(layer, 1), power, mload(sub(base, 0x20)), combiner) }
                    read_children(at, layer, power, combiner)
                    base := add(base, shl(5, add(layer, 2)))
                    let selector := mload(sub(base, 0x20))
                    numerator := between(sent(at), sent(add(at, 32)), selector)
                    denominator := between(sent(add(at, 16)), sent(add(at, 48)), selector)
                    at := add(at, 64)
                    power := product(power, zeta())
                }
                let next := product(power, zeta())
                add_value(add(product(power, denominator), product(next, numerator)))
                let selector := mload(sub(base, 0x20))
                let last := sub(m, 1)
                add_pad(add(m, last), product(power, complement(selector)))
                add_pad(add(mul(3, m), last), product(power, selector))
                add_pad(last, product(next, complement(selector)))
                add_pad(add(mul(2, m), last), product(next, selector))
                set_pad(add(mul(7, m), 2), product(power, equality_bits(LINES(), m, blinding_fraction())))
            }
            function between(zero, one, at) -> r { r := add(zero, product(at, sub(add(one, PRIMES()), zero))) }
            // Σ (c − rv)·t1 + c(c−1)·t2 over the rounds of a layer, reduced once at its end: calls of `product` cost more. And the
            // coefficients of its pads, still to be times ζ^layer.
            function read_layer_rounds(at, base, layer, pad) -> sum {
                pad := add(PADS(), shl(5, pad))
                // The layer's point by rounds: μ of the layer before, then its round challenges.
                let coordinate := mload(sub(base, 0x20))
                let points := sub(base, shl(5, layer))
                let phi := 0
                for { let end := add(at, shl(5, layer)) } lt(at, end) { at := add(at, 32) } {
                    base := add(base, 0x20)
                    let c := mload(base)
                    let both := calldataload(at) // t1 and t2, their parts of 64 bits
                    let weight := sub(add(c, PRIMES()), coordinate)
                    mstore(pad, weight)
                    let high := shr(128, weight)
                    let low := and(weight, LOW())
                    let first := shr(192, both)
                    let second := and(shr(128, both), 0xffffffffffffffff)
                    sum := add(sum, add(mul(high, first), mul(7, mul(low, second))))
                    phi := add(phi, add(mul(high, second), mul(low, first)))
                    weight := sub(add(product(c, c), PRIMES()), c)
                    mstore(add(pad, 0x20), weight)
                    high := shr(128, weight)
                    low := and(weight, LOW())
                    first := and(shr(64, both), 0xffffffffffffffff)
                    second := and(both, 0xffffffffffffffff)
                    sum := add(sum, add(mul(high, first), mul(7, mul(low, second))))
                    phi := add(phi, add(mul(high, second), mul(low, first)))
                    pad := add(pad, 0x40)
                    coordinate := mload(points)
                    points := add(points, 0x20)
                }
                sum := or(shl(128, mod(sum, P())), mod(phi, P()))
            }
            // The claim that a layer starts with is masked by pads of the one before.
            function mask_claim(layer, power, selector, combiner) {
                let m := fraction_bits()
                let one := product(power, selector)
                let zero := sub(add(power, PRIMES()), one)
                add_pad(layer, zero)
                add_pad(add(mul(2, m), layer), one)
                add_pad(add(m, layer), product(zero, combiner))
                add_pad(add(mul(3, m), layer), product(one, combiner))
            }
            // − (n0·d1 + λ·d0·d1 + n1·d0), a product of masked values being x̂ŷ − x̂·p_y − ŷ·p_x + p_xy.
            function read_children(at, layer, plain, combiner) {
                let m := fraction_bits()
                let mixed := product(plain, combiner)
                let n0 := sent(at)
                let d0 := sent(add(at, 16))
                let n1 := sent(add(at, 32))
                let d1 := sent(add(at, 48))
                let crossed := add(product(n0, d1), product(n1, d0))
                take_value(add(product(plain, crossed), product(mixed, product(d0, d1))))
                add_pad(layer, negated(product(plain, d1)))
                add_pad(add(mul(2, m), layer), negated(product(plain, d0)))
                add_pad(add(m, layer), add(negated(product(mixed, d1)), negated(product(plain, n1))))
                add_pad(add(mul(3, m), layer), add(negated(product(plain, n0)), negated(product(mixed, d0))))
                set_pad(add(mul(4, m), layer), plain)
                set_pad(add(mul(5, m), layer), mixed)
                set_pad(add(mul(6, m), layer), plain)
            }
            // scaling · eq((low, high), kind) of the three kinds of pads' products.
            function write_kinds(scaling, low, high) {
                let high_part := product(scaling, high)
                let rest := sub(add(scaling, PRIMES()), high_part)
                let one := product(rest, low)
                mstore(KINDS(), reduced(sub(add(rest, PRIMES()), one)))
                mstore(add(KINDS(), 0x20), one)
                mstore(add(KINDS(), 0x40), product(high_part, complement(low)))
            }
            function kind(index, layer) -> r {
                r := product(mload(add(KINDS(), shl(5, index))), mload(add(LOW_TABLE(), shl(5, layer))))
            }
            // M+2: the claim and the products of pads; M+3: the end of the sumcheck. `power` is that of M+2.
            function read_product_rounds(power) {
                let m := fraction_bits()
                write_equalities(LOW_TABLE(), tau(), 5)
                let scaling := product(power, mload(add(GAMMAS(), shl(5, header_pair(22)))))
                write_kinds(scaling, mload(add(tau(), 0xa0)), mload(add(tau(), 0xc0)))
                for { let layer := 0 } lt(layer, m) { layer := add(layer, 1) } {
                    add_pad(add(mul(4, m), layer), kind(0, layer))
                    add_pad(add(mul(5, m), layer), kind(1, layer))
                    add_pad(add(mul(6, m), layer), kind(2, layer))
                }
                let suffix := negated(product(power, zeta()))
                let place := add(claim_at(), add(16, mul(48, product_bits())))
                let pad := first_batch_pad()
                for { let turn := product_bits() } turn { } {
                    turn := sub(turn, 1)
                    let c := challenge_of(add(first_product(), turn))
                    let square := product(c, c)
                    let cube := product(square, c)
                    pad := sub(pad, 3)
                    place := sub(place, 48)
                    read_coefficient(pad, place, product(suffix, sub(add(ONE(), mul(2, PRIMES())), shl(1, c))))
                    read_coefficient(add(pad, 1), add(place, 16), product(suffix, sub(add(square, PRIMES()), c)))
                    read_coefficient(add(pad, 2), add(place, 32), product(suffix, sub(add(cube, PRIMES()), c)))
                    suffix := product(suffix, c)
                }
                read_coefficient(claim_pad(), claim_at(), add(power, suffix))
            }
            function read_coefficient(pad, place, coefficient) {
                set_pad(pad, coefficient)
                add_value(product(coefficient, sent(place)))
            }
            // M+4, M+5: the sent factors and their pads. `left` is the power of M+4.
            function read_factors(left) {
                let m := fraction_bits()
                let rho := mload(RHO())
                let right := product(left, zeta())
                let slot := add(pad_products(), 128)
                set_pad(mul(7, m), product(left, equality_bits(rho, product_bits(), slot)))
                set_pad(add(mul(7, m), 1), product(right, equality_bits(rho, product_bits(), add(slot, 1))))
                let place := add(add(claim_at(), 16), mul(48, product_bits()))
                add_value(add(product(left, sent(place)), product(right, sent(add(place, 16)))))
                write_equalities(LOW_TABLE(), rho, 5)
                let section := pads_section()
                write_kinds(product(left, section), mload(add(rho, 0xa0)), mload(add(rho, 0xc0)))
                for { let layer := 0 } lt(layer, m) { layer := add(layer, 1) } {
                    add_pad(layer, kind(0, layer))
                    add_pad(add(m, layer), kind(1, layer))
                    add_pad(add(mul(2, m), layer), kind(2, layer))
                }
                write_kinds(product(right, section), mload(add(rho, 0xa0)), mload(add(rho, 0xc0)))
                for { let layer := 0 } lt(layer, m) { layer := add(layer, 1) } {
                    add_pad(add(mul(3, m), layer), add(kind(0, layer), kind(1, layer)))
                    add_pad(add(m, layer), kind(2, layer))
                }
            }
            // Σ_t coefficient_t·(eq(ρ_col, t) + φ·eq(ρ_col, NP + t)), in the pad row.
            function pads_value() -> r {
                let point := mload(SITE())
                let b := log_columns()
                // Runs of 32 pads, whose low five variables have a table; what is above them has another, as far as there are pads.
                let parts := TABLES()
                let above := add(parts, 0xc00)
                write_equalities(above, point, 5)
                write_parts(parts, above, 32)
                let bits := sub(b, 8)
                if gt(bits, 5) { bits := 5 }
                write_equalities(above, add(point, 0xa0), bits)
                // What the rounds of layer ℓ contribute is times ζ^ℓ.
                let layer := 0
                let power := ONE()
                let limit := add(mul(7, fraction_bits()), 3)
                let pad := 0
                for { } lt(pad, limit) { } {
                    let first := and(pad, 31)
                    let length := sub(32, first)
                    if gt(length, sub(limit, pad)) { length := sub(limit, pad) }
                    first := add(parts, mul(0x60, first))
                    let sum := inner_product(add(PADS(), shl(5, pad)), 0x20, first, add(first, mul(0x60, length)))
                    r := add(r, product(sum, product(power, mload(add(above, and(pad, 0x3e0))))))
                    pad := add(pad, length)
                    if eq(pad, limit) {
                        layer := add(layer, 1)
                        power := product(power, zeta())
                        limit := add(limit, shl(1, layer))
                        if iszero(lt(layer, fraction_bits())) {
                            power := ONE()
                            limit := first_batch_pad()
                        }
                    }
                }
                let both := add(point, shl(5, sub(b, 3)))
                r := product(r, equality_bits(add(point, shl(5, add(5, bits))), sub(sub(b, 8), bits), 0))
                r := product(r, add(complement(mload(both)), product(mload(both), 1)))
                r := product(r, equality_bits(add(both, 0x20), 2, 0))
                r := product(r, complement(top_column()))
                let last := oracle_of(sub(oracle_count(), 1))
                let row := sub(add(shr(16, last), and(last, 0xffff)), 1)
                r := product(r, mload(add(ROWS(), shl(5, row))))
            }
            // P0 to P4: the transcript, ω̃(ρ), C.
            function read_claim() {
                check_fit()
                start_transcript()
                listen()
                write_points()
                write_equalities(ROWS(), add(mload(SITE()), shl(5, log_columns())), row_bits())
                write_gammas()
                write_runs(RUNS(), LINES(), fraction_bits())
                write_runs(OUTER_RUNS(), outer_point(), outer_bits())
                let power := read_layers()
                let at := read_sides(read_blocks(), power)
                power := product(power, product(zeta(), zeta()))
                let next := product(power, zeta())
                read_groups(read_sections(at, next), power)
                read_product_rounds(power)
                next := product(next, zeta())
                read_factors(next)
                read_outside(product(next, product(zeta(), zeta())))
                mstore(WEIGHT(), reduced(add(mload(WEIGHT()), pads_value())))
                fold_batch()
            }
            function fold_batch() {
                let at := add(claim_at(), add(48, mul(48, product_bits())))
                let has_work := gt(parameter(add(8, mul(3, parameter(6)))), 0)
                let from := add(CHALLENGES(), shl(5, first_batch()))
                let rows := add(from, shl(5, row_bits()))
                for { let end := add(rows, shl(5, add(log_columns(), 1))) } lt(from, end) { from := add(from, 0x20) } {
                    mstore(VALUE(), folded(reduced(mload(VALUE())), sent(at), sent(add(at, 16)), mload(from)))
                    at := add(add(at, 32), shl(3, and(has_work, lt(from, rows))))
                }
            }
