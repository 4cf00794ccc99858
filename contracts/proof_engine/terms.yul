            // ---- expressions of a program as functionals on committed words, at the address of step P4
            // FRAME: 0 side (the whole space of an index counts), 1 group, 2 section; where indices stand; how many.

            function set_frame(relation, indices, count) {
                mstore(FRAME(), relation)
                mstore(add(FRAME(), 0x20), indices)
                mstore(add(FRAME(), 0x40), count)
            }
            function index_count() -> count { count := mload(add(FRAME(), 0x40)) }
            function index_word(i) -> word { word := calldataload(add(mload(add(FRAME(), 0x20)), shl(3, i))) }
            // Where the point of an index starts, its bits (255: it weighs 1), its extent; is_outer: it is not summed.
            function index_weight(i) -> point, bits, extent, is_outer {
                bits := 255
                extent := 1
                if sub(i, 255) {
                    if iszero(lt(i, index_count())) { refuse("proof/parameters", 16) }
                    let word := index_word(i)
                    let role := shr(248, word)
                    extent := and(shr(216, word), 0xffffffff)
                    if sub(role, 3) {
                        bits := and(shr(208, word), 0xff)
                        switch mload(FRAME())
                        case 0 {
                            point := add(LINES(), shl(5, and(shr(192, word), 0xff)))
                            extent := shl(bits, 1)
                        }
                        case 1 { point := add(outer_point(), shl(5, and(shr(200, word), 0xff))) }
                        default {
                            is_outer := iszero(role)
                            switch is_outer
                            case 1 { point := add(outer_point(), shl(5, and(shr(200, word), 0xff))) }
                            default { point := add(mload(RHO()), shl(5, and(shr(192, word), 0xff))) }
                        }
                    }
                }
            }
            // What is multiplied with what does not depend on an index.
            function index_total(i) -> r {
                let point, bits, extent, is_outer := index_weight(i)
                r := ONE()
                if iszero(is_outer) {
                    switch eq(bits, 255)
                    case 1 { r := shl(128, extent) }
                    default { r := known_prefix_sum(point, bits, extent) }
                }
            }
            function known_prefix_sum(point, bits, extent) -> r {
                set_axis(0, point)
                set_axis(1, bits)
                set_axis(2, extent)
                let at, is_known := recall(0x60)
                if iszero(is_known) { mstore(at, prefix_sum(point, bits, extent)) }
                r := mload(at)
            }
            // coefficient · expression: its functional on words, its constant (both lazy), its end.
            function expression(at, coefficient) -> words, constant, end {
                let head := calldataload(at)
                at := add(at, 9)
                if shr(192, head) {
                    constant := scaled(coefficient, shr(192, head))
                    for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } { constant := product(constant, index_total(i)) }
                }
                for { let i := 0 } lt(i, and(shr(184, head), 0xff)) { i := add(i, 1) } {
                    let stride := shr(192, calldataload(at))
                    if stride {
                        let point, bits, extent, is_outer := index_weight(i)
                        constant := add(constant, product(coefficient, scaled(index_sum(point, bits), stride)))
                    }
                    at := add(at, 8)
                }
                let terms := shr(240, calldataload(at))
                at := add(at, 2)
                for { } terms { terms := sub(terms, 1) } {
                    let word := calldataload(at)
                    let maps := and(shr(168, word), 0xff)
                    at := add(at, 11)
                    let record := mload(add(BLOCKS(), shl(5, and(shr(176, word), 0xffff))))
                    let r := term(at, maps, record, scaled(coefficient, shr(192, word)))
                    switch eq(byte(0, calldataload(and(shr(64, record), 0xffffffff))), 255)
                    case 1 { constant := add(constant, r) }
                    default { words := add(words, r) }
                    at := add(at, mul(14, maps))
                }
                end := at
            }
            // A block under its maps, times a coefficient; the tensor of ones: its sum.
            function term(maps_at, maps, record, coefficient) -> r {
                let at := and(shr(64, record), 0xffffffff)
                let head := calldataload(at)
                if sub(and(shr(208, head), 0xff), maps) { refuse("proof/parameters", 16) }
                let is_ones := eq(shr(248, head), 255)
                r := coefficient
                if iszero(is_ones) { r := product(r, and(record, LANES())) }
                let used := 0
                let place := mload(SITE())
                for { } maps { } {
                    maps := sub(maps, 1)
                    let word := calldataload(add(maps_at, mul(14, maps)))
                    used := or(used, or(shl(shr(248, word), 1), shl(and(shr(208, word), 0xff), 1)))
                    let extents := calldataload(add(add(at, 6), mul(5, maps)))
                    r := product(r, axis_value(word, extents, place, is_ones))
                    place := add(place, shl(5, and(shr(216, extents), 0xff)))
                }
                for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } {
                    if iszero(and(shr(i, used), 1)) { r := product(r, index_total(i)) }
                }
            }
            // What an axis under a map contributes. Neighbouring terms have most axes in common.
            function axis_value(word, extents, place, is_ones) -> r {
                set_axis(0, shr(144, word))
                set_axis(1, shr(216, extents))
                set_axis(2, place)
                set_axis(3, index_bytes(shr(248, word)))
                set_axis(4, index_bytes(and(shr(208, word), 0xff)))
                set_axis(5, or(shl(8, is_ones), mload(FRAME())))
                let at, is_known := recall(0xc0)
                if iszero(is_known) {
                    write_axis(word, extents, place)
                    switch is_ones
                    case 1 { mstore(at, sum_axis()) }
                    default { mstore(at, evaluate_axis()) }
                }
                r := mload(at)
            }
            function index_bytes(i) -> r { if lt(i, index_count()) { r := shr(192, index_word(i)) } }
            function write_axis(word, extents, place) {
                let point, bits, extent, is_outer := index_weight(shr(248, word))
                set_axis(0, point)
                set_axis(1, bits)
                set_axis(2, extent)
                point, bits, extent, is_outer := index_weight(and(shr(208, word), 0xff))
                set_axis(3, point)
                set_axis(4, bits)
                set_axis(5, extent)
                set_axis(6, signextend(3, shr(216, word)))
                set_axis(7, signextend(3, shr(176, word)))
                set_axis(8, signextend(3, shr(144, word)))
                set_axis(9, shr(224, extents))
                set_axis(10, place)
                set_axis(11, and(shr(216, extents), 0xff))
            }
            // A block under its own indices, inside their extents: the multiplicities of a table.
            function identity(record) -> r {
                let at := add(and(shr(64, record), 0xffffffff), 6)
                let place := mload(SITE())
                r := and(record, LANES())
                for { let i := index_count() } i { } {
                    i := sub(i, 1)
                    let word := index_word(i)
                    let extents := calldataload(add(at, mul(5, i)))
                    let point := add(LINES(), shl(5, and(shr(192, word), 0xff)))
                    let extent := and(shr(216, word), 0xffffffff)
                    if gt(extent, shr(224, extents)) { extent := shr(224, extents) }
                    let bits := and(shr(216, extents), 0xff)
                    r := product(r, shifted_sum(point, and(shr(208, word), 0xff), place, bits, 0, extent, 0))
                    place := add(place, shl(5, bits))
                }
            }
