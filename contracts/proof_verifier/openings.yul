            // ---- openings

            function draw_places(count, bits) {
                let mask := sub(shl(bits, 1), 1)
                let last := add(PLACES(), shl(5, count))
                for { let at := PLACES() } lt(at, last) { } {
                    mstore8(0x60, 2)
                    let lanes := keccak256(0x40, 0x21)
                    mstore(0x40, lanes)
                    for { let end := add(at, 0x100) } lt(at, end) { at := add(at, 0x20) } {
                        mstore(at, and(lanes, mask))
                        lanes := shr(32, lanes)
                    }
                }
            }
            // The height of the cap: the least that minimises count·(levels − c) + 2^c.
            function cap_height(count, levels) -> height {
                let best := mul(count, levels)
                best := add(best, 1)
                for { let c := 1 } and(lt(c, 8), iszero(gt(c, levels))) { c := add(c, 1) } {
                    let cost := add(mul(count, sub(levels, c)), shl(c, 1))
                    if lt(cost, best) {
                        best := cost
                        height := c
                    }
                }
            }
            function read_cap(root, height) -> at {
                let nodes := shl(height, 1)
                at := take(mul(26, nodes))
                let from := at
                for { let to := SCRATCH() } lt(to, add(SCRATCH(), shl(5, nodes))) { to := add(to, 0x20) } {
                    mstore(to, and(calldataload(from), NODE()))
                    from := add(from, 26)
                }
                for { } gt(nodes, 1) { } {
                    nodes := shr(1, nodes)
                    for { let i := 0 } lt(i, nodes) { i := add(i, 1) } {
                        let left := add(SCRATCH(), shl(6, i))
                        mstore(0x00, mload(left))
                        mstore(0x20, mload(add(left, 0x20)))
                        mstore(add(SCRATCH(), shl(5, i)), and(keccak256(0x00, 0x3a), NODE()))
                    }
                }
                if iszero(eq(mload(SCRATCH()), root)) { refuse("proof/opening", 13) }
            }
            // Refuses the leaf in memory where its path, which follows it in calldata, does not end in its node of the cap.
            // A node is the left one of its parent's two where its bit of `place` is 0. A sibling has 26 bytes: what follows
            // them in memory is zero on the left, and is not hashed on the right.
            function check_path(leaf, place, length, levels, cap) {
                let node := and(keccak256(LEAF(), length), NODE())
                let at := add(leaf, length)
                let end := add(at, mul(26, levels))
                let side := 0
                if and(levels, 1) {
                    side := and(shl(5, place), 0x20)
                    mstore(side, node)
                    calldatacopy(xor(side, 0x20), at, 26)
                    node := and(keccak256(0x00, 0x3a), NODE())
                    at := add(at, 26)
                    place := shr(1, place)
                }
                // Two levels a turn: half of what the turns cost.
                for { } lt(at, end) { at := add(at, 26) } {
                    side := and(shl(5, place), 0x20)
                    mstore(side, node)
                    calldatacopy(xor(side, 0x20), at, 26)
                    node := and(keccak256(0x00, 0x3a), NODE())
                    at := add(at, 26)
                    side := and(shl(4, place), 0x20)
                    mstore(side, node)
                    calldatacopy(xor(side, 0x20), at, 26)
                    node := and(keccak256(0x00, 0x3a), NODE())
                    place := shr(2, place)
                }
                if xor(node, and(calldataload(add(cap, mul(26, place))), NODE())) { refuse("proof/opening", 13) }
            }
            // ---- sums of weights times what a leaf opens: four symbols, or two elements, a word
            // Two symbols' halves of 32 bits, 128 bits apart, times two weights the other way round: the upper half of the
            // word is the sum of both products. For every word four such pairs of weights are written to PAIRS: for its
            // second and fourth symbol, then its first and third, what they add to the real part and to the other.

            // For weights of symbols, from a table that starts at `from`; beyond `count` they are 0.
            function write_symbol_pairs(from, count) {
                let to := PAIRS()
                for { let end := add(from, shl(5, count)) } lt(from, end) { from := add(from, 0x80) } {
                    let third := 0
                    let fourth := 0
                    let second := 0
                    let left := shr(5, sub(end, from))
                    if gt(left, 1) { second := mload(add(from, 0x20)) }
                    if gt(left, 2) { third := mload(add(from, 0x40)) }
                    if gt(left, 3) { fourth := mload(add(from, 0x60)) }
                    to := write_pair(write_pair(to, second, fourth), mload(from), third)
                }
            }
            function write_pair(to, first, second) -> next {
                mstore(to, or(and(second, HIGH()), shr(128, first)))
                mstore(add(to, 0x20), or(shl(128, second), and(first, LOW())))
                next := add(to, 0x40)
            }
            // For weights of elements: real·weight, and φ·weight.
            function write_element_pairs(from, count) {
                let to := PAIRS()
                for { let end := add(from, shl(5, count)) } lt(from, end) { from := add(from, 0x40) } {
                    let next := write_pair(add(to, 0x40), mload(from), mload(add(from, 0x20)))
                    mstore(to, mul(7, mload(add(to, 0x60))))
                    mstore(add(to, 0x20), mload(add(to, 0x40)))
                    to := next
                }
            }
            // Over the first `length` bytes of the leaf in memory; the word after them counts for 0.
            function dot(length) -> sum {
                let at := LEAF()
                let pairs := PAIRS()
                let real := 0
                let real_high := 0
                let phi := 0
                let phi_high := 0
                let suspects := 0
                for { let end := add(at, length) } lt(at, end) { at := add(at, 0x20) } {
                    let word := mload(at)
                    suspects := or(suspects, suspect(word))
                    let pair := mload(pairs)
                    let other := mload(add(pairs, 0x20))
                    let two := and(word, HALVES())
                    real := add(real, mul(two, pair))
                    phi := add(phi, mul(two, other))
                    two := and(shr(32, word), HALVES())
                    real_high := add(real_high, mul(two, pair))
                    phi_high := add(phi_high, mul(two, other))
                    pair := mload(add(pairs, 0x40))
                    other := mload(add(pairs, 0x60))
                    two := and(shr(64, word), HALVES())
                    real := add(real, mul(two, pair))
                    phi := add(phi, mul(two, other))
                    two := and(shr(96, word), HALVES())
                    real_high := add(real_high, mul(two, pair))
                    phi_high := add(phi_high, mul(two, other))
                    pairs := add(pairs, 0x80)
                }
                if and(suspects, SIGNS()) { check_leaf(length) }
                real := add(shr(128, real), shl(32, shr(128, real_high)))
                phi := add(shr(128, phi), shl(32, shr(128, phi_high)))
                sum := or(shl(128, mod(real, P())), mod(phi, P()))
            }
            function HALVES() -> c { c := 0xffffffff000000000000000000000000ffffffff }
            function LEAF() -> at { at := 0x60 }
            // Refuses symbols of the leaf in memory that are not below p.
            function check_leaf(length) {
                for { let i := 0 } lt(i, length) { i := add(i, 8) } {
                    if iszero(lt(shr(192, mload(add(LEAF(), i))), P())) { refuse("proof/element", 13) }
                }
            }
            // Openings of the matrices: FIRST and SECOND become the values of h1 and h2.
            function open_matrices(count, levels) {
                let height := cap_height(count, levels)
                let commitment := add(argument(2), 0x20)
                let program := add(argument(0), 0x20)
                let oracle := add(program, 26)
                let oracles := shr(240, calldataload(add(program, 14)))
                for { let i := 0 } lt(i, count) { i := add(i, 1) } { mstore(add(FIRST(), shl(5, i)), 0) }
                for { } gt(oracles, 1) { oracles := sub(oracles, 1) } {
                    open_matrix(count, sub(levels, height), read_cap(and(calldataload(commitment), NODE()), height), oracle)
                    commitment := add(commitment, 60)
                    oracle := add(oracle, 4)
                }
                let root := and(calldataload(add(argument(5), 0x20)), NODE())
                open_witness(count, sub(levels, height), read_cap(root, height), oracle)
            }
            function open_matrix(count, levels, cap, oracle) {
                let rows := and(shr(224, calldataload(oracle)), 0xffff)
                write_symbol_pairs(add(ROWS(), shl(5, shr(240, calldataload(oracle)))), rows)
                let length := shl(3, rows)
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    let leaf := take(add(length, mul(26, levels)))
                    calldatacopy(LEAF(), leaf, length)
                    let to := add(FIRST(), shl(5, i))
                    mstore(to, add(mload(to), dot(length)))
                    check_path(leaf, mload(add(PLACES(), shl(5, i))), length, levels, cap)
                }
            }
            function open_witness(count, levels, cap, oracle) {
                let rows := and(shr(224, calldataload(oracle)), 0xffff)
                write_symbol_pairs(add(ROWS(), shl(5, shr(240, calldataload(oracle)))), rows)
                let epsilon := mload(EPSILON())
                let length := shl(3, rows)
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    let leaf := take(add(add(length, 32), mul(26, levels)))
                    calldatacopy(LEAF(), leaf, add(length, 32))
                    let to := add(FIRST(), shl(5, i))
                    let sum := add(mload(to), dot(length))
                    let masks := add(leaf, length)
                    mstore(to, add(product(epsilon, sum), element(masks)))
                    let pad := shl(128, shr(192, calldataload(sub(masks, 8))))
                    mstore(add(SECOND(), shl(5, i)), add(product(epsilon, pad), element(add(masks, 16))))
                    check_path(leaf, mload(add(PLACES(), shl(5, i))), add(length, 32), levels, cap)
                }
            }
            function open_level(count, levels, root, rows) {
                let height := cap_height(count, levels)
                let cap := read_cap(root, height)
                levels := sub(levels, height)
                write_element_pairs(FOLDED(), rows)
                let length := shl(4, rows)
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    let leaf := take(add(length, mul(26, levels)))
                    calldatacopy(LEAF(), leaf, length)
                    mstore(add(FIRST(), shl(5, i)), dot(length))
                    check_path(leaf, mload(add(PLACES(), shl(5, i))), length, levels, cap)
                }
            }
            // Powers of a root of unity of order 2^24: 16 for every 4 bits of an exponent.
            function write_roots() {
                let base := 1753635133440165772 // of order 2^32
                for { let i := 0 } lt(i, 8) { i := add(i, 1) } { base := mulmod(base, base, P()) }
                for { let at := ROOTS() } lt(at, add(ROOTS(), 0xc00)) { } {
                    let power := 1
                    for { let end := add(at, 0x200) } lt(at, end) { at := add(at, 0x20) } {
                        mstore(at, power)
                        power := mulmod(power, base, P())
                    }
                    base := power
                }
            }
            // Writes ω^place of the drawn places; ω has the order 2^bits.
            function write_query_points(to, count, bits) {
                let shift := sub(24, bits)
                let roots := add(ROOTS(), shl(9, shr(2, shift)))
                shift := add(and(shift, 3), 5)
                for { let from := PLACES() } lt(from, add(PLACES(), shl(5, count))) { from := add(from, 0x20) } {
                    let place := shl(shift, mload(from))
                    let x := mload(add(roots, and(place, 0x1e0)))
                    place := shr(4, place)
                    for { let at := add(roots, 0x200) } gt(place, 0x1f) { at := add(at, 0x200) } {
                        x := mulmod(x, mload(add(at, and(place, 0x1e0))), P())
                        place := shr(4, place)
                    }
                    mstore(to, x)
                    to := add(to, 0x20)
                }
            }
