            // ---- what weights of indices sum to at points: lockstep.proof.weights

            // eq(point, i); bits of i beyond the point are ignored. The product is written out: a fifth less gas than by calls.
            function equality_bits(point, bits, i) -> r {
                let real := 1
                let phi := 0
                for { let end := add(point, shl(5, bits)) } lt(point, end) { point := add(point, 0x20) } {
                    let coordinate := mload(point)
                    if iszero(and(i, 1)) { coordinate := complement(coordinate) }
                    let high := shr(128, coordinate)
                    coordinate := and(coordinate, LOW())
                    let next := mod(add(mul(real, high), mul(7, mul(phi, coordinate))), P())
                    phi := mod(add(mul(real, coordinate), mul(phi, high)), P())
                    real := next
                    i := shr(1, i)
                }
                r := or(shl(128, real), phi)
            }
            // Σ eq(point, i) over i < count, reduced.
            function prefix_sum(point, bits, count) -> less {
                switch shr(bits, count)
                case 0 {
                    for { let end := add(point, shl(5, bits)) } lt(point, end) { point := add(point, 0x20) } {
                        let coordinate := mload(point)
                        switch and(count, 1)
                        case 0 { if less { less := product(complement(coordinate), less) } }
                        default { less := add(complement(coordinate), product(coordinate, less)) }
                        count := shr(1, count)
                    }
                    less := reduced(less)
                }
                default { less := ONE() }
            }
            // Σ eq(point, i)·i, reduced.
            function index_sum(point, bits) -> r {
                for { let k := 0 } lt(k, bits) { k := add(k, 1) } { r := add(r, shl(k, mload(add(point, shl(5, k))))) }
                r := reduced(r)
            }
            // Σ eq(point, i) and Σ eq(point, i)·i over i < count, reduced.
            function prefix_sums(point, bits, count) -> less, less_index {
                switch or(shr(bits, count), shl(255, iszero(count)))
                case 0x8000000000000000000000000000000000000000000000000000000000000000 { }
                case 0 {
                    let all_index := 0
                    for { let k := 0 } lt(k, bits) { k := add(k, 1) } {
                        let coordinate := mload(add(point, shl(5, k)))
                        let neither := complement(coordinate)
                        switch and(shr(k, count), 1)
                        case 0 {
                            less_index := product(neither, less_index)
                            less := product(neither, less)
                        }
                        default {
                            less_index := add(product(neither, all_index), product(coordinate, add(less_index, shl(k, less))))
                            less := reduced(add(neither, product(coordinate, less)))
                        }
                        all_index := reduced(add(all_index, shl(k, coordinate)))
                    }
                    less_index := reduced(less_index)
                }
                default {
                    less := ONE()
                    less_index := index_sum(point, bits)
                }
            }
            // Σ eq(point, i)·min(max(i, low), high), reduced.
            function clamped_sum(point, bits, low, high) -> r {
                let below_low, sum_low := prefix_sums(point, bits, low)
                let below_high, sum_high := prefix_sums(point, bits, high)
                r := add(scaled(below_low, low), scaled(reduced(complement(below_high)), high))
                r := reduced(add(r, sub(add(sum_high, PRIMES()), sum_low)))
            }
            // Σ eq(left, i)·eq(right, i) over i < count; the right point is not longer, and extended with zeros.
            function truncated_equality(left, left_bits, right, right_bits, count) -> r {
                let end := add(left, shl(5, left_bits))
                let shared := add(left, shl(5, right_bits))
                let full := ONE()
                right := sub(right, left)
                if shr(left_bits, count) { count := 0 }
                // While the bits of count are 0, nothing is less.
                for { } and(lt(left, end), iszero(and(count, 1))) { left := add(left, 0x20) } {
                    switch lt(left, shared)
                    case 1 { full := product(full, equality(mload(left), mload(add(left, right)))) }
                    default { full := product(full, complement(mload(left))) }
                    count := shr(1, count)
                }
                r := full
                if count {
                    r := 0
                    for { } lt(left, end) { left := add(left, 0x20) } {
                        let both := 0
                        let neither := complement(mload(left))
                        if lt(left, shared) {
                            let b := mload(add(left, right))
                            both := product(mload(left), b)
                            neither := sub(add(add(neither, PRIMES()), both), b)
                        }
                        switch and(count, 1)
                        case 0 { r := product(neither, r) }
                        default {
                            if r { r := product(both, r) }
                            r := add(product(neither, full), r)
                        }
                        count := shr(1, count)
                        if count { full := product(full, add(neither, both)) }
                    }
                    r := reduced(r)
                }
            }
            // Σ eq(left, i)·eq(right, i + shift) over i < count, reduced.
            // SUMS: over the low bits of i; with a carry (third, fourth) or without, less than the low bits of count (second,
            // fourth) or not.
            function shifted_equality(left, left_bits, right, right_bits, count, shift) -> r {
                mstore(SUMS(), ONE())
                mstore(add(SUMS(), 0x20), 0)
                mstore(add(SUMS(), 0x40), 0)
                mstore(add(SUMS(), 0x60), 0)
                let bits := left_bits
                if gt(right_bits, bits) { bits := right_bits }
                for { } or(gt(shr(bits, count), 0), gt(add(sar(bits, shift), 1), 1)) { } { bits := add(bits, 1) }
                bits := mul(add(bits, 1), gt(count, 0))
                for { let k := 0 } lt(k, bits) { k := add(k, 1) } {
                    let a := mul(lt(k, left_bits), mload(add(left, shl(5, k))))
                    let b := mul(lt(k, right_bits), mload(add(right, shl(5, k))))
                    shift_step(a, b, and(shr(k, count), 1), and(sar(k, shift), 1))
                }
                r := reduced(add(mload(add(SUMS(), 0x20)), mload(add(SUMS(), 0x60))))
            }
            // One bit: `bound` of count, `moved` of the shift. i = 0 or 1, and out = i + moved + carry.
            function shift_step(a, b, bound, moved) {
                let both := product(a, b)
                let only_a := sub(add(a, PRIMES()), both)
                let only_b := sub(add(b, PRIMES()), both)
                let neither := sub(add(add(ONE(), mul(2, PRIMES())), both), add(a, b))
                let equal := mload(SUMS())
                let less := mload(add(SUMS(), 0x20))
                let carried := mload(add(SUMS(), 0x40))
                let carried_less := mload(add(SUMS(), 0x60))
                switch moved
                case 0 {
                    join(
                        0, bound,
                        add(product(neither, equal), product(only_b, carried)),
                        add(product(neither, less), product(only_b, carried_less)),
                        product(both, equal), product(both, less)
                    )
                    join(0x40, bound, 0, 0, product(only_a, carried), product(only_a, carried_less))
                }
                default {
                    join(0, bound, product(only_b, equal), product(only_b, less), 0, 0)
                    join(
                        0x40, bound, product(neither, carried), product(neither, carried_less),
                        add(product(only_a, equal), product(both, carried)),
                        add(product(only_a, less), product(both, carried_less))
                    )
                }
            }
            // What i = 0 and i = 1 lead to: equal bits stay equal; i = 0 is less where the bound's bit is 1.
            function join(to, bound, zero, zero_less, one, one_less) {
                switch bound
                case 0 {
                    mstore(add(SUMS(), to), add(zero, add(one, one_less)))
                    mstore(add(add(SUMS(), to), 0x20), zero_less)
                }
                default {
                    mstore(add(SUMS(), to), one)
                    mstore(add(add(SUMS(), to), 0x20), add(one_less, add(zero, zero_less)))
                }
            }
