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
            // Refuses a leaf whose path, which follows it, does not end in its node of the cap.
            function check_path(leaf, place, length, levels, cap) {
                calldatacopy(0x60, leaf, length)
                let node := and(keccak256(0x60, length), NODE())
                let at := add(leaf, length)
                for { let end := add(at, mul(26, levels)) } lt(at, end) { at := add(at, 26) } {
                    let side := shl(5, and(place, 1))
                    mstore(side, node)
                    mstore(xor(side, 0x20), and(calldataload(at), NODE()))
                    node := and(keccak256(0x00, 0x3a), NODE())
                    place := shr(1, place)
                }
                if xor(node, and(calldataload(add(cap, mul(26, place))), NODE())) { refuse("proof/opening", 13) }
            }
            // Σ weight·symbol over `count` symbols of a leaf.
            // Products of 32-bit halves of symbols and both parts of a weight at once: lanes of 96 bits.
            function dot(leaf, count, weights) -> sum {
                let high := 0
                let low := 0
                let sums := 0
                for { let end := add(leaf, shl(3, count)) } lt(leaf, end) { leaf := add(leaf, 0x20) } {
                    let word := calldataload(leaf)
                    let left := sub(end, leaf)
                    if lt(left, 0x20) {
                        let cut := shl(3, sub(0x20, left))
                        word := shl(cut, shr(cut, word))
                    }
                    let weight := mload(weights)
                    high := add(high, mul(shr(224, word), weight))
                    low := add(low, mul(and(shr(192, word), 0xffffffff), weight))
                    weight := mload(add(weights, 0x20))
                    high := add(high, mul(and(shr(160, word), 0xffffffff), weight))
                    low := add(low, mul(and(shr(128, word), 0xffffffff), weight))
                    weight := mload(add(weights, 0x40))
                    high := add(high, mul(and(shr(96, word), 0xffffffff), weight))
                    low := add(low, mul(and(shr(64, word), 0xffffffff), weight))
                    weight := mload(add(weights, 0x60))
                    high := add(high, mul(and(shr(32, word), 0xffffffff), weight))
                    low := add(low, mul(and(word, 0xffffffff), weight))
                    sums := or(sums, lifted(word))
                    weights := add(weights, 0x80)
                }
                canonical(sums)
                sum := or(
                    shl(128, mod(add(shr(128, low), shl(32, shr(128, high))), P())),
                    mod(add(and(low, LOW()), shl(32, and(high, LOW()))), P())
                )
            }
            function lifted(word) -> sums {
                let add32 := 0x00000000000000000000000000000000ffffffff000000000000000000000000ffffffff
                sums := or(add(and(word, LANES()), add32), add(and(shr(64, word), LANES()), add32))
            }
            // Σ weight·element over an even `count` of elements of a leaf: (real, phi) each times both parts of a weight.
            function dot_elements(leaf, count, weights) -> sum {
                let real_high := 0
                let real_low := 0
                let phi_high := 0
                let phi_low := 0
                let sums := 0
                for { let end := add(leaf, shl(4, count)) } lt(leaf, end) { leaf := add(leaf, 0x20) } {
                    let word := calldataload(leaf)
                    let weight := mload(weights)
                    real_high := add(real_high, mul(shr(224, word), weight))
                    real_low := add(real_low, mul(and(shr(192, word), 0xffffffff), weight))
                    phi_high := add(phi_high, mul(and(shr(160, word), 0xffffffff), weight))
                    phi_low := add(phi_low, mul(and(shr(128, word), 0xffffffff), weight))
                    weight := mload(add(weights, 0x20))
                    real_high := add(real_high, mul(and(shr(96, word), 0xffffffff), weight))
                    real_low := add(real_low, mul(and(shr(64, word), 0xffffffff), weight))
                    phi_high := add(phi_high, mul(and(shr(32, word), 0xffffffff), weight))
                    phi_low := add(phi_low, mul(and(word, 0xffffffff), weight))
                    sums := or(sums, lifted(word))
                    weights := add(weights, 0x40)
                }
                canonical(sums)
                let real := add(
                    add(shr(128, real_low), shl(32, shr(128, real_high))),
                    mul(7, add(and(phi_low, LOW()), shl(32, and(phi_high, LOW()))))
                )
                let phi := add(
                    add(and(real_low, LOW()), shl(32, and(real_high, LOW()))),
                    add(shr(128, phi_low), shl(32, shr(128, phi_high)))
                )
                sum := or(shl(128, mod(real, P())), mod(phi, P()))
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
                let weights := add(ROWS(), shl(5, shr(240, calldataload(oracle))))
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    let leaf := take(add(shl(3, rows), mul(26, levels)))
                    let to := add(FIRST(), shl(5, i))
                    mstore(to, add(mload(to), dot(leaf, rows, weights)))
                    check_path(leaf, mload(add(PLACES(), shl(5, i))), shl(3, rows), levels, cap)
                }
            }
            function open_witness(count, levels, cap, oracle) {
                let rows := and(shr(224, calldataload(oracle)), 0xffff)
                let weights := add(ROWS(), shl(5, shr(240, calldataload(oracle))))
                let epsilon := mload(EPSILON())
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    let leaf := take(add(shl(3, add(rows, 4)), mul(26, levels)))
                    let to := add(FIRST(), shl(5, i))
                    let sum := add(mload(to), dot(leaf, rows, weights))
                    let masks := add(leaf, shl(3, rows))
                    mstore(to, add(product(epsilon, sum), element(masks)))
                    let pad := shl(128, shr(192, calldataload(sub(masks, 8))))
                    mstore(add(SECOND(), shl(5, i)), add(product(epsilon, pad), element(add(masks, 16))))
                    check_path(leaf, mload(add(PLACES(), shl(5, i))), shl(3, add(rows, 4)), levels, cap)
                }
            }
            function open_level(count, levels, root, rows) {
                let height := cap_height(count, levels)
                let cap := read_cap(root, height)
                levels := sub(levels, height)
                for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                    let leaf := take(add(shl(4, rows), mul(26, levels)))
                    mstore(add(FIRST(), shl(5, i)), dot_elements(leaf, rows, FOLDED()))
                    check_path(leaf, mload(add(PLACES(), shl(5, i))), shl(4, rows), levels, cap)
                }
            }
            // Writes ω^place of the drawn places.
            function write_query_points(to, count, bits) {
                let base := 1753635133440165772 // of order 2^32
                for { let i := bits } lt(i, 32) { i := add(i, 1) } { base := mulmod(base, base, P()) }
                let at := ROOTS()
                for { let i := 0 } lt(i, bits) { i := add(i, 4) } {
                    let power := 1
                    for { let end := add(at, 0x200) } lt(at, end) { at := add(at, 0x20) } {
                        mstore(at, power)
                        power := mulmod(power, base, P())
                    }
                    base := power
                }
                for { let from := PLACES() } lt(from, add(PLACES(), shl(5, count))) { from := add(from, 0x20) } {
                    let place := mload(from)
                    let x := mload(add(ROOTS(), shl(5, and(place, 15))))
                    place := shr(4, place)
                    for { at := add(ROOTS(), 0x200) } place { at := add(at, 0x200) } {
                        x := mulmod(x, mload(add(at, shl(5, and(place, 15)))), P())
                        place := shr(4, place)
                    }
                    mstore(to, x)
                    to := add(to, 0x20)
                }
            }
