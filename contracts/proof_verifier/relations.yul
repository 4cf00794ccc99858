            // ---- the words' part and the constants of constraints M … (proof.md section 5), with powers of ζ

            // Adds to ω̃(ρ), and to C.
            function add_words(words) { mstore(WEIGHT(), add(mload(WEIGHT()), words)) }
            function add_value(value) { mstore(VALUE(), add(mload(VALUE()), value)) }
            function take_value(value) { mstore(VALUE(), sub(add(mload(VALUE()), PRIMES()), reduced(value))) }
            // Where records of sides start.
            function read_blocks() -> at {
                at := add(add(mload(PROGRAM()), 26), shl(2, oracle_count()))
                let top := reduced(complement(top_column()))
                let to := BLOCKS()
                for { let i := header_pair(16) } i { i := sub(i, 1) } {
                    let word := calldataload(at)
                    let next := add(add(at, 6), mul(5, and(shr(208, word), 0xff)))
                    let record := shl(64, at)
                    switch shr(248, word)
                    case 255 { record := or(record, ONES()) }
                    default {
                        let bits := 0
                        for { at := add(at, 6) } lt(at, next) { at := add(at, 5) } {
                            let axis_ := shr(216, calldataload(at))
                            if gt(shr(8, axis_), shl(and(axis_, 0xff), 1)) { refuse("proof/parameters", 16) }
                            bits := add(bits, and(axis_, 0xff))
                        }
                        record := or(record, product(top, address_above(bits, word)))
                    }
                    mstore(to, record)
                    to := add(to, 0x20)
                    at := next
                }
            }
            // eq of the address above a block of 2^bits words and where the block is.
            function address_above(bits, word) -> r {
                let length := log_columns()
                let start := add(shl(length, shr(16, oracle_of(shr(248, word)))), and(shr(216, word), 0xffffffff))
                switch lt(bits, length)
                case 1 {
                    // The columns above it, in its row.
                    r := equality_bits(add(mload(SITE()), shl(5, bits)), sub(length, bits), shr(bits, start))
                    r := product(r, mload(add(ROWS(), shl(5, and(shr(length, start), sub(shl(row_bits(), 1), 1))))))
                }
                default {
                    length := add(length, row_bits())
                    if gt(bits, length) { refuse("proof/parameters", 16) }
                    r := equality_bits(add(mload(SITE()), shl(5, bits)), sub(length, bits), shr(bits, start))
                }
            }
            // Bits of the indices with a bit of `roles` set.
            function local_bits(roles) -> bits {
                for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } {
                    let word := index_word(i)
                    if and(shr(shr(248, word), roles), 1) { bits := add(bits, and(shr(208, word), 0xff)) }
                }
            }
            // M: denominators; M+1: numerators.
            function read_sides(at, power) -> end {
                let m := fraction_bits()
                let rest := complement(equality_bits(LINES(), m, blinding_fraction()))
                for { let i := header_pair(18) } i { i := sub(i, 1) } {
                    let head := calldataload(at)
                    let count := and(shr(184, head), 0xff)
                    set_frame(0, add(at, 9), count)
                    at := add(add(at, 9), shl(3, count))
                    let bits := local_bits(15)
                    let weight := equality_bits(add(LINES(), shl(5, bits)), sub(m, bits), shr(bits, shr(224, head)))
                    rest := reduced(sub(add(rest, PRIMES()), weight))
                    read_numerator(head, product(weight, product(power, zeta())))
                    at := read_columns(at, head, bits, product(weight, power))
                }
                take_value(product(rest, power))
                end := at
            }
            // 1 inside the extents, or −multiplicity.
            function read_numerator(head, weight) {
                let multiplicity := and(shr(192, head), 0xffff)
                switch eq(multiplicity, 0xffff)
                case 1 {
                    for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } {
                        let index := inside(mload(add(INDICES(), shl(5, i))), index_word(i))
                        weight := product(weight, known_prefix_sum(index))
                    }
                    take_value(weight)
                }
                default {
                    let counted := identity(mload(add(BLOCKS(), shl(5, multiplicity))))
                    add_words(product(sub(PRIMES(), weight), counted))
                }
            }
            // α − tag − Σ β^(j+1)·column_j.
            function read_columns(at, head, bits, weight) -> end {
                let tag := shl(128, and(shr(208, head), 0xffff))
                take_value(product(weight, sub(add(challenge_of(0), PRIMES()), tag)))
                let factor := sub(PRIMES(), weight)
                let columns := byte(0, calldataload(at))
                at := add(at, 1)
                for { } columns { columns := sub(columns, 1) } {
                    factor := product(factor, challenge_of(1))
                    let word := calldataload(at)
                    switch eq(byte(0, word), 1)
                    case 1 {
                        let sum := clamped_sum(LINES(), bits, and(shr(216, word), 0xffffffff), and(shr(184, word), 0xffffffff))
                        sum := add(sum, shl(128, and(shr(120, word), 0xffffffffffffffff)))
                        take_value(product(factor, sum))
                        at := add(at, 17)
                    }
                    default { at := expression(add(at, 1), factor) }
                }
                end := at
            }
            // M+3: U(ρ)·L̂·R̂; M+4 and M+5: the factors. `power` is that of M+3.
            function read_sections(at, power) -> end {
                let left := product(power, zeta())
                let right := product(left, zeta())
                let rho := mload(RHO())
                let cube := 0
                for { let i := header_pair(20) } i { i := sub(i, 1) } {
                    let head := calldataload(at)
                    let count := and(shr(200, head), 0xff)
                    set_frame(2, add(at, 7), count)
                    at := add(add(at, 7), shl(3, count))
                    let bits := local_bits(6)
                    let place := shr(bits, shr(224, head))
                    let weight := equality_bits(add(rho, shl(5, bits)), sub(product_bits(), bits), place)
                    let share := mload(add(GAMMAS(), shl(5, and(shr(208, head), 0xff))))
                    cube := add(cube, product(weight, product(share, both_weight())))
                    at := expression(at, product(weight, left))
                    // What the left counts as 0 may be anything on the right.
                    mstore(FRAME(), 7)
                    at := expression(at, product(weight, right))
                }
                let groups := mload(add(GAMMAS(), shl(5, header_pair(22))))
                cube := add(cube, product(groups, pads_place()))
                let factors := add(add(claim_at(), 16), mul(48, product_bits()))
                let both := product(sent(factors), sent(add(factors, 16)))
                add_value(product(product(power, cube), both))
                end := at
            }
            // Π of eq(outer point, ρ) over the BOTH indices, inside their extents.
            function both_weight() -> r {
                r := ONE()
                for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } {
                    let word := index_word(i)
                    if eq(shr(248, word), 2) {
                        let outer := add(outer_point(), shl(5, and(shr(200, word), 0xff)))
                        let local := add(mload(RHO()), shl(5, and(shr(192, word), 0xff)))
                        let bits := and(shr(208, word), 0xff)
                        r := product(r, truncated_equality(outer, bits, local, bits, and(shr(216, word), 0xffffffff)))
                    }
                }
            }
            function tau() -> at { at := add(CHALLENGES(), shl(5, sub(first_product(), 7))) }
            function pads_section() -> r {
                r := equality_bits(add(mload(RHO()), 0xe0), sub(product_bits(), 7), shr(7, pad_products()))
            }
            // Σ eq(τ, 32j + ℓ)·eq(ρ, place of the pads' product (j, ℓ)).
            function pads_place() -> r {
                let rho := mload(RHO())
                r := truncated_equality(tau(), 5, rho, 5, fraction_bits())
                r := product(r, truncated_equality(add(tau(), 0xa0), 2, add(rho, 0xa0), 2, 3))
                r := product(r, pads_section())
            }
            function write_gammas() {
                let gamma := challenge_of(sub(first_product(), 8))
                let r := ONE()
                for { let i := 0 } iszero(gt(i, header_pair(22))) { i := add(i, 1) } {
                    mstore(add(GAMMAS(), shl(5, i)), r)
                    r := product(r, gamma)
                }
            }
            // M+2: Σ γ^g·(result − public).
            function read_groups(at, power) {
                for { let i := 0 } lt(i, header_pair(22)) { i := add(i, 1) } {
                    let head := calldataload(at)
                    let count := and(shr(232, head), 0xff)
                    set_frame(1, add(at, 3), count)
                    let factor := product(power, mload(add(GAMMAS(), shl(5, i))))
                    at := expression(add(add(at, 3), shl(3, count)), factor)
                    if sub(shr(240, head), 0xffff) { add_value(product(factor, public_value(shr(240, head)))) }
                }
            }
            // Σ eq(outer point, i)·public[i] over the OUTER indices, row-major. Five variables of an index after the other are
            // summed away, from the last on: what is left of the tensor stands in memory.
            function public_value(tensor) -> total {
                let from := add(argument(3), 0x20)
                for { } tensor { tensor := sub(tensor, 1) } { from := add(add(from, 4), shl(3, shr(224, calldataload(from)))) }
                let count := shr(224, calldataload(from))
                from := add(from, 4)
                let expected := 1
                for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } {
                    if iszero(shr(248, index_word(i))) { expected := mul(expected, extent_of(mload(add(INDICES(), shl(5, i))))) }
                    if gt(expected, count) { break }
                }
                if or(iszero(count), sub(expected, count)) { refuse("proof/public", 12) }
                let size := 8
                for { let i := index_count() } i { } {
                    i := sub(i, 1)
                    if iszero(shr(248, index_word(i))) {
                        let index := mload(add(INDICES(), shl(5, i)))
                        let extent := extent_of(index)
                        let rows := div(count, extent)
                        let point := point_of(index)
                        for { let bits := bits_of(index) } bits { } {
                            let low := bits
                            if gt(low, 5) { low := 5 }
                            write_equalities(TABLES(), point, low)
                            sum_rows(from, size, rows, extent, shl(low, 1))
                            from := PARTIAL()
                            size := 0x20
                            extent := shr(low, add(extent, sub(shl(low, 1), 1)))
                            point := add(point, shl(5, low))
                            bits := sub(bits, low)
                        }
                        count := mul(rows, extent)
                    }
                }
                switch size
                case 8 {
                    mstore(TABLES(), ONE())
                    total := public_sum(from, add(from, 8))
                }
                default { total := mload(from) }
            }
            // To PARTIAL: of every run of so many numbers of a row, Σ weight·number. Sent numbers have 8 bytes, sums 32.
            function sum_rows(from, size, rows, extent, most) {
                let to := PARTIAL()
                for { } rows { rows := sub(rows, 1) } {
                    for { let row := add(from, mul(extent, size)) } lt(from, row) { } {
                        let end := add(from, mul(most, size))
                        if gt(end, row) { end := row }
                        switch size
                        case 8 { mstore(to, public_sum(from, end)) }
                        default { mstore(to, partial_sum(from, end)) }
                        to := add(to, 0x20)
                        from := end
                    }
                }
            }
            function partial_sum(at, end) -> sum {
                for { let weights := TABLES() } lt(at, end) { at := add(at, 0x20) } {
                    sum := add(sum, product(mload(weights), mload(at)))
                    weights := add(weights, 0x20)
                }
                sum := reduced(sum)
            }
            // Over at most 32 numbers as they were sent: those of 32 bits times both parts of a weight at once, and both parts of the
            // sum are made positive at its end.
            function public_sum(at, end) -> sum {
                let seen := 0
                let weights := TABLES()
                for { let from := at } lt(from, end) { from := add(from, 8) } {
                    let value := sar(192, calldataload(from))
                    seen := or(seen, add(value, 0x80000000))
                    sum := add(sum, mul(value, mload(weights)))
                    weights := add(weights, 0x20)
                }
                sum := reduced(add(sum, shl(41, PRIMES())))
                if shr(32, seen) {
                    sum := 0
                    for { weights := TABLES() } lt(at, end) { at := add(at, 8) } {
                        sum := add(sum, scaled(mload(weights), mod(add(sar(192, calldataload(at)), P()), P())))
                        weights := add(weights, 0x20)
                    }
                    sum := reduced(sum)
                }
            }
            // M+6 …: two values outside the domain of each commitment.
            function read_outside(power) {
                let state := mload(0x40)
                let free := add(mload(SITE()), shl(5, add(add(log_columns(), row_bits()), 1)))
                for { let i := 0 } lt(add(i, 1), oracle_count()) { i := add(i, 1) } {
                    let at := add(add(argument(2), 0x20), mul(60, i))
                    let rows := and(oracle_of(i), 0xffff)
                    let bits := 0
                    for { } shr(bits, sub(rows, 1)) { } { bits := add(bits, 1) }
                    mstore(0x60, "lockstep-zk/v1|model")
                    mstore(0x40, keccak256(0x60, 20))
                    absorb(at, 26)
                    for { let j := 0 } lt(j, 2) { j := add(j, 1) } {
                        let z := challenge()
                        let to := free
                        for { let k := bits } k { k := sub(k, 1) } { to := draw(to) }
                        let site := add(mload(SITE()), shl(5, log_columns()))
                        let weight := shifted_equality(free, bits, site, row_bits(), rows, shr(16, oracle_of(i)))
                        add_words(product(power, product(weight, powers_weight(z))))
                        add_value(product(power, element(add(add(at, 28), shl(4, j)))))
                        power := product(power, zeta())
                    }
                }
                mstore(0x40, state)
            }
            // Σ_{j<K} z^j·eq(ρ_col, j), K = 2^b + T (lazy).
            function powers_weight(z) -> r {
                let tail := and(shr(216, calldataload(mload(PARAMETERS()))), 0xffffffff)
                let rest := ONE()
                let low := ONE()
                r := ONE()
                for { let k := 0 } lt(k, log_columns()) { k := add(k, 1) } {
                    let c := mload(add(mload(SITE()), shl(5, k)))
                    r := product(r, add(complement(c), product(c, z)))
                    switch gt(shr(k, tail), 1)
                    case 1 { low := r }
                    default { rest := product(rest, complement(c)) }
                    z := product(z, z)
                }
                let top := top_column()
                r := add(product(r, complement(top)), product(product(low, rest), product(top, z)))
            }
