            // ---- one axis of a block. AXIS: first point, its bits, its extent; the same of the second; stride, dilation,
            // offset; extent, address point, bits; low bits that are summed apart. Bits 255: no point, places weigh 1.

            function axis(field) -> r { r := mload(add(AXIS(), shl(5, field))) }
            function set_axis(field, content) { mstore(add(AXIS(), shl(5, field)), content) }

            // Where the answer to a question is kept; and whether it is there.
            function recall(key) -> at, is_known {
                at := add(MEMORY(), and(shr(244, mul(key, 0x9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e95)), 0xfc0))
                is_known := eq(mload(at), key)
                mstore(at, key)
                at := add(at, 0x20)
            }
            // Σ_y eq(address, y)·w(y).
            function evaluate_axis() -> r {
                let stride := axis(6)
                let is_done := 0
                if and(sgt(stride, 0), iszero(and(stride, sub(stride, 1)))) {
                    let shift := 0
                    for { } gt(shr(shift, stride), 1) { } { shift := add(shift, 1) }
                    let low_bits := shift
                    if gt(low_bits, axis(11)) { low_bits := axis(11) }
                    let high := add(axis(10), shl(5, low_bits))
                    let high_bits := sub(axis(11), low_bits)
                    if and(eq(axis(5), 1), or(iszero(axis(4)), eq(axis(4), 255))) {
                        let first, end := range_of(axis(8))
                        r := shifted_sum(axis(0), axis(1), high, high_bits, first, end, sar(shift, axis(8)))
                        r := product(r, equality_bits(axis(10), low_bits, and(axis(8), sub(stride, 1))))
                        is_done := 1
                    }
                    if iszero(or(is_done, or(sub(axis(7), 1), or(axis(8), or(gt(axis(5), stride), gt(stride, axis(9))))))) {
                        if iszero(gt(add(mul(stride, sub(axis(2), 1)), axis(5)), axis(9))) {
                            r := shifted_sum(axis(3), axis(4), axis(10), low_bits, 0, axis(5), 0)
                            r := product(r, shifted_sum(axis(0), axis(1), high, high_bits, 0, axis(2), 0))
                            is_done := 1
                        }
                    }
                }
                if iszero(is_done) { r := written_out() }
            }
            // Σ_y w(y).
            function sum_axis() -> total {
                if slt(axis(6), 1) { refuse("proof/parameters", 16) }
                write_weights(TABLES(), axis(3), axis(4), axis(5))
                let offset := axis(8)
                for { let j := 0 } lt(j, axis(5)) { j := add(j, 1) } {
                    let first, end := range_of(offset)
                    let inner := sum_between(axis(0), axis(1), first, end)
                    total := add(total, product(mload(add(TABLES(), shl(5, j))), inner))
                    offset := add(offset, axis(7))
                }
            }
            // Which i have 0 ≤ stride·i + offset < extent: from, and to before. Strides are positive.
            function range_of(offset) -> first, end {
                let stride := axis(6)
                if slt(offset, 0) { first := div(sub(sub(stride, 1), offset), stride) }
                let room := sub(axis(9), offset)
                if sgt(room, 0) { end := div(sub(add(room, stride), 1), stride) }
                if gt(end, axis(2)) { end := axis(2) }
                if iszero(lt(first, end)) {
                    first := 0
                    end := 0
                }
            }
            function sum_between(point, bits, first, end) -> r {
                switch eq(bits, 255)
                case 1 { r := shl(128, sub(end, first)) }
                default {
                    r := prefix_sum(point, bits, end)
                    if first { r := sub(add(r, PRIMES()), prefix_sum(point, bits, first)) }
                }
            }
            // Σ weight(i)·eq(address, i + shift) over first ≤ i < end.
            function shifted_sum(point, bits, address_, address_bits, first, end, shift) -> r {
                if lt(first, end) {
                    switch eq(bits, 255)
                    case 1 {
                        switch sub(sub(end, first), 1)
                        case 0 { r := equality_bits(address_, address_bits, add(first, shift)) }
                        default { r := sum_between(address_, address_bits, add(first, shift), add(end, shift)) }
                    }
                    default {
                        switch or(first, and(shift, sub(shl(bits, 1), 1)))
                        case 0 {
                            let low_bits := bits
                            if gt(low_bits, address_bits) { low_bits := address_bits }
                            r := truncated_equality(point, bits, address_, low_bits, end)
                            let rest := sub(address_bits, low_bits)
                            r := product(r, equality_bits(add(address_, shl(5, low_bits)), rest, sar(bits, shift)))
                        }
                        default {
                            r := shifted_equality(point, bits, address_, address_bits, end, shift)
                            if first {
                                let less := shifted_equality(point, bits, address_, address_bits, first, shift)
                                r := sub(add(r, PRIMES()), less)
                            }
                        }
                    }
                }
            }
            // The weights of the places of an index, at most 256 of them.
            function write_weights(to, point, bits, extent) {
                if gt(extent, 256) { refuse("proof/parameters", 16) }
                switch eq(bits, 255)
                case 1 {
                    for { let end := add(to, shl(5, extent)) } lt(to, end) { to := add(to, 0x20) } { mstore(to, ONE()) }
                }
                default {
                    if gt(bits, 8) { refuse("proof/parameters", 16) }
                    write_equalities(to, point, bits)
                }
            }
            // Σ_j second_j·Σ_i first_i·eq(address, stride·i + dilation·j + offset). Where the stride is 1 and 2^low divides both
            // extents, the low bits of i and of the address are summed apart, for every j: high bits differ by one of two.
            function written_out() -> total {
                let low := common_bits()
                set_axis(12, low)
                mstore(SUMS(), SIGNS())
                mstore(add(SUMS(), 0x40), SIGNS())
                let lows := write_index(TABLES(), add(axis(0), shl(5, low)), sub(axis(1), low), shr(low, axis(2)))
                let addresses := write_index(lows, axis(0), low, shl(low, 1))
                write_equalities(addresses, axis(10), low)
                let second := add(addresses, shl(low, 0x20))
                write_weights(second, axis(3), axis(4), axis(5))
                // The same address is often asked for again.
                let key := or(shl(16, axis(10)), or(shl(8, low), axis(11)))
                if sub(mload(TABLE_KEY()), key) {
                    let high_bits := sub(axis(11), low)
                    write_weights(ADDRESSES(), add(axis(10), shl(5, low)), high_bits, shl(high_bits, 1))
                    mstore(TABLE_KEY(), key)
                }
                let start := axis(8)
                for { let last := add(second, shl(5, axis(5))) } lt(second, last) { second := add(second, 0x20) } {
                    let place := and(start, sub(shl(low, 1), 1))
                    let middle := sub(addresses, mul(0x60, place))
                    let row := product(inner_product(add(addresses, shl(5, place)), 0x20, lows, middle), high_sum(sar(low, start)))
                    if place {
                        let rest := inner_product(addresses, 0x20, middle, addresses)
                        row := add(row, product(rest, high_sum(add(sar(low, start), 1))))
                    }
                    total := add(total, product(mload(second), row))
                    start := add(start, axis(7))
                }
                total := reduced(total)
            }
            function common_bits() -> bits {
                if iszero(or(sub(axis(6), 1), eq(axis(1), 255))) {
                    let most := axis(1)
                    if gt(most, axis(11)) { most := axis(11) }
                    for { let extents := or(axis(2), axis(9)) } lt(bits, most) { bits := add(bits, 1) } {
                        if and(shr(bits, extents), 1) { break }
                    }
                }
            }
            // Σ_i first_i·eq(address, stride·i + start) of what is above the low bits; the last even and odd one are kept.
            function high_sum(start) -> r {
                let at := add(SUMS(), shl(6, and(start, 1)))
                if sub(mload(at), start) {
                    let first, end := inside_of(start)
                    let from := add(ADDRESSES(), shl(5, add(start, mul(axis(6), first))))
                    let parts := add(TABLES(), mul(0x60, first))
                    mstore(add(at, 0x20), inner_product(from, shl(5, axis(6)), parts, add(TABLES(), mul(0x60, end))))
                    mstore(at, start)
                }
                r := mload(add(at, 0x20))
            }
            // Which i have 0 ≤ start + stride·i < extent: from, and to before.
            function inside_of(start) -> first, end {
                let stride := axis(6)
                let extent := shr(axis(12), axis(9))
                end := shr(axis(12), axis(2))
                let last := add(start, mul(stride, sub(end, 1)))
                // A place below 0 is a great number.
                if iszero(and(lt(start, extent), lt(last, extent))) {
                    if slt(stride, 1) { refuse("proof/parameters", 16) }
                    if slt(start, 0) { first := div(sub(sub(stride, 1), start), stride) }
                    let most := 0
                    if sgt(extent, start) { most := div(sub(add(sub(extent, start), stride), 1), stride) }
                    if gt(end, most) { end := most }
                    if gt(first, end) { first := end }
                }
            }
            // The weights of the places of an index in parts, where they end.
            function write_index(to, point, bits, extent) -> end {
                end := add(to, mul(0x60, extent))
                write_weights(end, point, bits, extent)
                write_parts(to, end, extent)
            }
            // An element as three words: both parts, and 7 times the second.
            function write_parts(to, from, count) {
                for { let end := add(from, shl(5, count)) } lt(from, end) { from := add(from, 0x20) } {
                    let element_ := mload(from)
                    mstore(to, shr(128, element_))
                    element_ := and(element_, LOW())
                    mstore(add(to, 0x20), element_)
                    mstore(add(to, 0x40), mul(7, element_))
                    to := add(to, 0x60)
                }
            }
            // Σ of elements, `step` bytes apart, times those in parts; reduced once.
            function inner_product(from, step, parts, end) -> r {
                let real := 0
                let phi := 0
                for { } lt(parts, end) { parts := add(parts, 0x60) } {
                    let low := mload(from)
                    let high := shr(128, low)
                    low := and(low, LOW())
                    let part := mload(parts)
                    real := add(real, mul(high, part))
                    phi := add(phi, mul(low, part))
                    phi := add(phi, mul(high, mload(add(parts, 0x20))))
                    real := add(real, mul(low, mload(add(parts, 0x40))))
                    from := add(from, step)
                }
                r := or(shl(128, mod(real, P())), mod(phi, P()))
            }
