            // ---- expressions of a program as functionals on committed words, at the address of step P4
            // FRAME: a bit for each role whose indices may read beyond their extents; how many indices; where they stand; how far
            // from the address its point and its RUNS are. Relations: 0 side (the whole space of an index counts), 1 group, 2
            // section.
            // An index in INDICES: 1 where it is not summed (56 bits up), where its point starts (40), its bits (32; 255:
            // it weighs 1), its extent.

            function set_frame(relation, at, count) {
                if gt(count, 32) { refuse("proof/parameters", 16) }
                mstore(FRAME(), add(1, iszero(relation)))
                mstore(add(FRAME(), 0x20), count)
                mstore(add(FRAME(), 0x40), at)
                switch relation
                case 0 { set_runs(RUNS(), LINES()) }
                default { set_runs(OUTER_RUNS(), or(outer_point(), mul(OUTER_MARK(), eq(relation, 2)))) }
                let to := INDICES()
                for { let end := add(at, shl(3, count)) } lt(at, end) { at := add(at, 8) } {
                    mstore(to, index_of(relation, calldataload(at)))
                    to := add(to, 0x20)
                }
            }
            function set_runs(runs, point) {
                mstore(add(FRAME(), 0x60), sub(point, mload(SITE())))
                mstore(add(FRAME(), 0x80), sub(runs, mload(SITE())))
            }
            // Π eq of the first k variables of a point and of the address, for each k: axes that are read whole, from the last
            // on, by indices that stand in the point as the axes in the address.
            function write_runs(to, point, bits) {
                let r := ONE()
                let place := mload(SITE())
                let most := add(log_columns(), row_bits())
                if gt(bits, most) { bits := most }
                for { let end := add(to, shl(5, bits)) } 1 { } {
                    mstore(to, r)
                    if eq(to, end) { break }
                    r := product(r, equality(mload(point), mload(place)))
                    to := add(to, 0x20)
                    point := add(point, 0x20)
                    place := add(place, 0x20)
                }
            }
            function index_of(relation, word) -> index {
                let role := shr(248, word)
                index := and(shr(216, word), 0xffffffff)
                switch role
                case 3 { index := or(index, 0xff00000000) }
                default {
                    let bits := and(shr(208, word), 0xff)
                    let outer := add(outer_point(), and(shr(195, word), 0x1fe0))
                    let local := and(shr(187, word), 0x1fe0)
                    switch relation
                    case 0 {
                        if gt(bits, 31) { refuse("proof/parameters", 16) }
                        outer := add(LINES(), local)
                        index := shl(bits, 1)
                    }
                    case 2 {
                        switch role
                        case 0 { outer := or(outer, OUTER_MARK()) }
                        default { outer := add(mload(RHO()), local) }
                    }
                    index := or(index, or(shl(32, bits), shl(40, outer)))
                }
            }
            function OUTER_MARK() -> mark { mark := 0x10000 }
            function index_count() -> count { count := mload(add(FRAME(), 0x20)) }
            function index_word(i) -> word { word := calldataload(add(mload(add(FRAME(), 0x40)), shl(3, i))) }
            // Index 255 is none, 254 means powers: a place that weighs 1.
            function index_at(i) -> index {
                index := 0xff00000001
                if lt(i, 254) {
                    if iszero(lt(i, index_count())) { refuse("proof/parameters", 16) }
                    index := mload(add(INDICES(), shl(5, i)))
                }
            }
            function point_of(index) -> point { point := and(shr(40, index), 0xffff) }
            function bits_of(index) -> bits { bits := and(shr(32, index), 0xff) }
            function extent_of(index) -> extent { extent := and(index, 0xffffffff) }
            // What is multiplied with what does not depend on an index.
            function index_total(index) -> r {
                r := ONE()
                if iszero(shr(56, index)) {
                    switch eq(bits_of(index), 255)
                    case 1 { r := shl(128, extent_of(index)) }
                    default { r := known_prefix_sum(index) }
                }
            }
            function known_prefix_sum(index) -> r {
                let at, is_known := recall(index)
                if iszero(is_known) { mstore(at, prefix_sum(point_of(index), bits_of(index), extent_of(index))) }
                r := mload(at)
            }
            // Adds coefficient · expression to what constraints say of words, and takes its constant to the right side; its end.
            function expression(at, coefficient) -> end {
                let head := calldataload(at)
                let indices := add(INDICES(), shl(5, index_count()))
                at := add(at, 9)
                if shr(192, head) {
                    let constant := scaled(coefficient, shr(192, head))
                    for { let i := INDICES() } lt(i, indices) { i := add(i, 0x20) } {
                        constant := product(constant, index_total(mload(i)))
                    }
                    take_value(constant)
                }
                for { let i := 0 } lt(i, and(shr(184, head), 0xff)) { i := add(i, 1) } {
                    let stride := shr(192, calldataload(at))
                    if stride {
                        let index := index_at(i)
                        let sum := index_sum(point_of(index), bits_of(index))
                        take_value(product(coefficient, scaled(sum, stride)))
                    }
                    at := add(at, 8)
                }
                let terms := shr(240, calldataload(at))
                at := add(at, 2)
                for { } terms { terms := sub(terms, 1) } {
                    let word := calldataload(at)
                    let next := add(add(at, 11), mul(14, and(shr(168, word), 0xff)))
                    let record := mload(add(BLOCKS(), and(shr(171, word), 0x1fffe0)))
                    let r := coefficient
                    if sub(shr(192, word), 1) { r := scaled(r, shr(192, word)) }
                    r := term(add(at, 11), next, record, r)
                    switch and(record, ONES())
                    case 0 { add_words(r) }
                    default { take_value(r) }
                    at := next
                }
                end := at
            }
            // A block under its maps, times a coefficient; the tensor of ones: its sum.
            function term(maps, end, record, coefficient) -> r {
                let at := and(shr(64, record), 0xffffffff)
                r := coefficient
                if iszero(and(record, ONES())) { r := product(r, and(record, LANES())) }
                let used := 0
                let place := mload(SITE())
                {
                    let axes := and(shr(208, calldataload(at)), 0xff)
                    if sub(sub(end, maps), mul(14, axes)) { refuse("proof/parameters", 16) }
                    at := add(add(at, 1), mul(5, axes))
                }
                // While axes are those of a run, their product is known.
                let run := add(place, mload(add(FRAME(), 0x80)))
                for { } gt(end, maps) { } {
                    end := sub(end, 14)
                    let word := calldataload(end)
                    let axis_ := shr(216, calldataload(at))
                    at := sub(at, 5)
                    used := or(used, or(shl(byte(0, word), 1), shl(byte(5, word), 1)))
                    if iszero(and(record, ONES())) { axis_ := read_whole(word, axis_) }
                    switch and(is_in_run(word, axis_, place), eq(run, add(place, mload(add(FRAME(), 0x80)))))
                    case 1 { run := add(run, length_of(axis_)) }
                    default { r := product(r, axis_value(word, axis_, place, and(record, ONES()))) }
                    place := add(place, length_of(axis_))
                }
                r := product(r, mload(run))
                used := not(used)
                if and(used, sub(shl(index_count(), 1), 1)) {
                    for { let i := 0 } lt(i, index_count()) { i := add(i, 1) } {
                        if and(shr(i, used), 1) { r := product(r, index_total(mload(add(INDICES(), shl(5, i))))) }
                    }
                }
            }
            function length_of(axis_) -> length { length := and(shl(5, axis_), 0x1fe0) }
            // What an axis under a map contributes. Neighbouring terms have most axes in common.
            function axis_value(word, axis_, place, is_ones) -> r {
                let first := index_at(byte(0, word))
                let second := 0xff00000001
                // The map, the axis, where its point starts, the first index: all but a second index and ONES.
                let key := or(or(shl(144, shr(144, word)), shl(104, axis_)), or(shl(88, place), first))
                if or(sub(byte(5, word), 255), is_ones) {
                    second := or(index_at(byte(5, word)), is_ones)
                    mstore(0x00, key)
                    mstore(0x20, second)
                    key := keccak256(0x00, 0x40)
                }
                let at, is_known := recall(key)
                if iszero(is_known) {
                    switch and(iszero(or(sub(second, 0xff00000001), eq(bits_of(first), 255))), is_identity(word))
                    case 1 { mstore(at, identity_axis(first, axis_, place)) }
                    default {
                        switch byte(0, word)
                        case 254 { mstore(at, powers_axis(word, axis_, place, is_ones)) }
                        default {
                            write_axis(word, axis_, place, first, second)
                            switch is_ones
                            case 0 { mstore(at, evaluate_axis()) }
                            default { mstore(at, sum_axis()) }
                        }
                    }
                }
                r := mload(at)
            }
            // Σ_y eq(address, y)·2^(stride·y): all limbs of an axis, which has to be full, together.
            function powers_axis(word, axis_, place, is_ones) -> r {
                let stride := and(shr(216, word), 0xffffffff)
                let bits := and(axis_, 0xff)
                let is_cut := sub(shr(8, axis_), shl(bits, 1))
                if or(is_ones, or(is_cut, gt(shl(bits, stride), 63))) { refuse("proof/parameters", 16) }
                r := ONE()
                let y := shl(add(128, stride), 1)
                for { let end := add(place, shl(5, bits)) } lt(place, end) { place := add(place, 0x20) } {
                    let c := mload(place)
                    r := product(r, add(complement(c), product(c, y)))
                    y := product(y, y)
                }
            }
            // Whether a map is a stride of 1 from 0, of one index.
            function is_identity(word) -> r {
                r := eq(and(shr(144, word), 0xffffffffff00000000ffffffff), 0x1ff0000000000000000)
            }
            // An axis without its extent, where it is read in its whole address space: as it is, by an index of its extent and bits.
            function read_whole(word, axis_) -> whole {
                whole := axis_
                let i := byte(0, word)
                if and(is_identity(word), lt(i, index_count())) {
                    let index := index_word(i)
                    if eq(and(shr(208, index), 0xffffffffff), axis_) {
                        if and(shr(shr(248, index), mload(FRAME())), 1) { whole := and(axis_, 0xff) }
                    }
                }
            }
            // Whether an axis is read whole, by an index that stands in its point as the axis in the address. The mark of an OUTER
            // index of a section is compared too: behind the outer point stands another, of INNER ones.
            function is_in_run(word, axis_, place) -> r {
                if iszero(shr(8, axis_)) { r := eq(shr(40, index_at(byte(0, word))), add(place, mload(add(FRAME(), 0x60)))) }
            }
            // Σ_y eq(address, y)·eq(point, y) over the y inside both extents, or over all of an axis without extent.
            function identity_axis(index, axis_, place) -> r {
                let bits := bits_of(index)
                let end := shl(bits, 1)
                if shr(8, axis_) {
                    end := extent_of(index)
                    if gt(end, shr(8, axis_)) { end := shr(8, axis_) }
                }
                r := shifted_sum(point_of(index), bits, place, and(axis_, 0xff), 0, end, 0)
            }
            function write_axis(word, axis_, place, first, second) {
                set_axis(0, point_of(first))
                set_axis(1, bits_of(first))
                set_axis(2, extent_of(first))
                set_axis(3, point_of(second))
                set_axis(4, bits_of(second))
                set_axis(5, extent_of(second))
                set_axis(6, signextend(3, shr(216, word)))
                set_axis(7, signextend(3, shr(176, word)))
                set_axis(8, signextend(3, shr(144, word)))
                set_axis(9, shr(8, axis_))
                set_axis(10, place)
                set_axis(11, and(axis_, 0xff))
            }
            // A block under its own indices, inside their extents: the multiplicities of a table.
            function identity(record) -> r {
                let at := add(and(shr(64, record), 0xffffffff), 6)
                let place := mload(SITE())
                r := and(record, LANES())
                for { let i := index_count() } i { } {
                    i := sub(i, 1)
                    let axis_ := shr(216, calldataload(add(at, mul(5, i))))
                    let index := mload(add(INDICES(), shl(5, i)))
                    r := product(r, identity_axis(inside(index, index_word(i)), axis_, place))
                    place := add(place, shl(5, and(axis_, 0xff)))
                }
            }
            // An index of a side, with its own extent.
            function inside(index, word) -> r { r := or(shl(32, shr(32, index)), and(shr(216, word), 0xffffffff)) }
