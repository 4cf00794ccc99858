            // ---- the program, the transcript of steps P0 to P4, and where points are

            // Arrays of steps P0 to P4; those of P5 and P6 overwrite them, but for ROWS.
            function CHALLENGES() -> at { at := 0x1400 } // all challenges, in their order: at most 512
            function LINES() -> at { at := 0x5400 } // points, low variable first: r, outer, ρ of products, address, top column, free
            function INDICES() -> at { at := 0x6800 } // of the present frame, at most 32
            function BLOCKS() -> at { at := 0x7400 } // weight of the address above a block; 64 bits up: its record; 96 up: ONES
            function GAMMAS() -> at { at := 0x9400 } // powers of γ
            function PADS() -> at { at := 0xb400 } // coefficients of pads, at most 768
            function MEMORY() -> at { at := 0x11400 } // 64 results that may be asked for again: a name of the question, the answer
            function ROWS() -> at { at := 0x12400 } // eq(ρ_row, row)
            function ADDRESSES() -> at { at := mload(0x1300) } // after ROWS: eq(address, ·) of an axis, at most 256
            function TABLES() -> at { at := add(ADDRESSES(), 0x2000) } // what is written out for a while
            function PARTIAL() -> at { at := add(TABLES(), 0x400) } // after 32 words of TABLES: sums of runs of a public tensor, at most 2,048
            function LOW_TABLE() -> at { at := 0x0700 } // 32 words
            function KINDS() -> at { at := 0x0b00 }
            function SUMS() -> at { at := 0x0c00 } // 4 words
            function TABLE_KEY() -> at { at := 0x0c80 } // of which point ADDRESSES is
            function FRAME() -> at { at := 0x0d00 } // of the present relation: see terms.yul
            function AXIS() -> at { at := 0x0e00 }
            function RUNS() -> at { at := 0x6c00 } // of the point of sides
            function OUTER_RUNS() -> at { at := 0x7000 } // of the outer point

            function header(index) -> field { field := byte(index, calldataload(mload(PROGRAM()))) }
            function header_pair(index) -> field {
                field := and(shr(sub(240, shl(3, index)), calldataload(mload(PROGRAM()))), 0xffff)
            }
            function log_columns() -> bits { bits := header(1) }
            function fraction_bits() -> bits { bits := header(2) }
            function product_bits() -> bits { bits := header(3) }
            function outer_bits() -> bits { bits := header(4) }
            function row_bits() -> bits { bits := header(5) }
            function blinding_fraction() -> leaf { leaf := and(shr(176, calldataload(mload(PROGRAM()))), 0xffffffff) }
            function pad_products() -> place { place := and(shr(144, calldataload(mload(PROGRAM()))), 0xffffffff) }
            function oracle_count() -> count { count := header_pair(14) }
            // First row (16 bits) and rows (16 bits).
            function oracle_of(index) -> rows {
                rows := shr(224, calldataload(add(add(mload(PROGRAM()), 26), shl(2, index))))
            }
            function claim_pad() -> pad {
                let m := fraction_bits()
                pad := add(add(mul(7, m), 3), mul(m, sub(m, 1)))
            }
            function first_batch_pad() -> pad { pad := add(add(claim_pad(), 1), mul(3, product_bits())) }
            // Numbers of challenges.
            function first_outer() -> index {
                let m := fraction_bits()
                index := add(2, shr(1, mul(m, add(m, 3))))
            }
            function first_product() -> index { index := add(add(first_outer(), outer_bits()), 8) }
            function first_batch() -> index { index := add(add(first_product(), product_bits()), 1) }
            function challenge_of(index) -> c { c := mload(add(CHALLENGES(), shl(5, index))) }
            function zeta() -> c { c := challenge_of(sub(first_batch(), 1)) }
            // Where messages stand in calldata.
            function messages() -> at { at := add(argument(5), 0x20) }
            function claim_at() -> at {
                let m := fraction_bits()
                at := add(add(messages(), 42), shl(4, mul(m, add(m, 3))))
            }

            function check_fit() {
                if or(sub(header(0), 1), sub(log_columns(), parameter(0))) { refuse("proof/parameters", 16) }
                let rounds := add(add(row_bits(), log_columns()), 1)
                let points := add(add(add(fraction_bits(), outer_bits()), product_bits()), rounds)
                let is_wrong := or(gt(fraction_bits(), 32), gt(add(first_batch_pad(), shl(1, rounds)), shl(sub(log_columns(), 3), 1)))
                is_wrong := or(is_wrong, or(gt(points, 144), gt(first_batch_pad(), 768)))
                is_wrong := or(is_wrong, or(gt(row_bits(), 9), gt(header_pair(16), 256)))
                is_wrong := or(is_wrong, or(gt(header_pair(22), 255), gt(add(first_batch(), rounds), 512)))
                is_wrong := or(is_wrong, or(iszero(oracle_count()), lt(product_bits(), 8)))
                if is_wrong { refuse("proof/parameters", 16) }
                mstore(0x1300, add(ROWS(), shl(row_bits(), 0x20)))
                let commitments := argument(2)
                if sub(calldataload(commitments), mul(60, sub(oracle_count(), 1))) { refuse("proof/parameters", 16) }
                commitments := add(commitments, 0x20)
                for { let i := 0 } lt(add(i, 1), oracle_count()) { i := add(i, 1) } {
                    let rows := shr(240, calldataload(add(add(commitments, 26), mul(60, i))))
                    if sub(rows, and(oracle_of(i), 0xffff)) { refuse("proof/parameters", 16) }
                }
            }
            // Absorbs more bytes than fit the place for messages.
            function absorb_many(at, length) {
                mstore(CHALLENGES(), mload(0x40))
                calldatacopy(add(CHALLENGES(), 0x20), at, length)
                mstore(0x40, keccak256(CHALLENGES(), add(length, 0x20)))
            }
            // P0.
            function start_transcript() {
                let program := argument(0)
                let length := calldataload(program)
                mstore(CHALLENGES(), "lockstep/program/1")
                calldatacopy(add(CHALLENGES(), 18), add(program, 0x20), length)
                let digest := keccak256(CHALLENGES(), add(length, 18))
                mstore(0x60, "lockstep-zk/v1|proof")
                mstore(0x40, keccak256(0x60, 20))
                mstore(0x60, digest)
                length := calldataload(argument(1))
                calldatacopy(0x80, add(argument(1), 0x20), length)
                mstore(0x40, keccak256(0x40, add(length, 0x40)))
                let at := add(argument(2), 0x20)
                for { let i := 1 } lt(i, oracle_count()) { i := add(i, 1) } {
                    absorb(at, 60)
                    at := add(at, 60)
                }
                at := add(argument(3), 0x20)
                let end := add(at, calldataload(argument(3)))
                for { let i := header_pair(24) } i { i := sub(i, 1) } {
                    let bytes := shl(3, shr(224, calldataload(at)))
                    at := add(at, 4)
                    if gt(add(at, bytes), end) { refuse("proof/public", 12) }
                    absorb_many(at, bytes)
                    at := add(at, bytes)
                }
                if sub(at, end) { refuse("proof/public", 12) }
                absorb(0x84, 32)
            }
            function read_elements(count) {
                let length := shl(4, count)
                let at := take(length)
                absorb(at, length)
                check_symbols(at, length)
            }
            function draw(to) -> next {
                mstore(to, challenge())
                next := add(to, 0x20)
            }
            // P1 to P4: what is sent is absorbed, what is challenged is kept.
            function listen() {
                absorb(take(26), 26)
                let to := draw(draw(CHALLENGES()))
                read_elements(1)
                if iszero(element(add(messages(), 26))) { refuse("proof/denominator", 17) }
                for { let layer := 0 } lt(layer, fraction_bits()) { layer := add(layer, 1) } {
                    to := draw(to)
                    for { let turn := layer } turn { turn := sub(turn, 1) } {
                        read_elements(2)
                        to := draw(to)
                    }
                    read_elements(4)
                    to := draw(to)
                }
                for { let i := add(outer_bits(), 8) } i { i := sub(i, 1) } { to := draw(to) }
                read_elements(1)
                for { let i := product_bits() } i { i := sub(i, 1) } {
                    read_elements(3)
                    to := draw(to)
                }
                read_elements(2)
                to := draw(to)
                let row_work := parameter(add(8, mul(3, parameter(6))))
                for { let i := row_bits() } i { i := sub(i, 1) } {
                    read_elements(2)
                    work(row_work)
                    to := draw(to)
                }
                for { let i := add(log_columns(), 1) } i { i := sub(i, 1) } {
                    read_elements(2)
                    to := draw(to)
                }
            }
            function copy_back(to, first, count) -> next {
                for { let from := add(CHALLENGES(), shl(5, add(first, count))) } count { count := sub(count, 1) } {
                    from := sub(from, 0x20)
                    mstore(to, mload(from))
                    to := add(to, 0x20)
                }
                next := to
            }
            function write_points() {
                let m := fraction_bits()
                // r: the rounds of the last layer backwards, then its μ.
                let to := copy_back(LINES(), sub(first_outer(), m), sub(m, 1))
                mstore(to, challenge_of(sub(first_outer(), 1)))
                to := add(to, 0x20)
                mcopy(to, add(CHALLENGES(), shl(5, first_outer())), shl(5, outer_bits()))
                to := add(to, shl(5, outer_bits()))
                mstore(RHO(), to)
                to := copy_back(to, first_product(), product_bits())
                mstore(SITE(), to)
                let rows := first_batch()
                let columns := add(rows, row_bits())
                to := copy_back(to, add(columns, 1), log_columns())
                mcopy(to, add(CHALLENGES(), shl(5, rows)), shl(5, row_bits()))
                to := add(to, shl(5, row_bits()))
                mstore(to, challenge_of(columns))
            }
            function outer_point() -> at { at := add(LINES(), shl(5, fraction_bits())) }
            function top_column() -> c {
                c := mload(add(mload(SITE()), shl(5, add(log_columns(), row_bits()))))
            }
