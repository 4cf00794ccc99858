// SPDX-License-Identifier: AGPL-3.0-only
// Decides whether a proof of an integer graph holds: one contract for all models. The interface is IProofVerifier.vyi.
//
// Steps P0 to P6 of proof.md, equal to `lockstep.proof.verifier` on every input. In Yul because a proof is a few
// loops over elements: in Vyper one product costs 2.4 times as much, a Merkle node 1.9, and the code of P0 to P4 alone
// has 44 kB. Its parts are in contracts/proof_verifier, put together by tools/compile_yul.mjs.
//
// ProofKeys.vy, whose address ends this contract's code, knows which presets are allowed and answers every call but
// `verify`. Not the other way round: a Vyper contract copies what it is called with, 60,000 gas for a proof.
// An element of E is one word: real part above 128 bits, phi part below. A `lazy` element has parts that are not reduced.
object "ProofVerifier" {
    code {
        // The address of ProofKeys is what the creation code is followed by, and the code too.
        let length := datasize("ProofVerifier_deployed")
        datacopy(0, dataoffset("ProofVerifier_deployed"), length)
        codecopy(length, sub(codesize(), 32), 32)
        if iszero(extcodesize(mload(length))) { revert(0, 0) }
        return(0, add(length, 32))
    }
    object "ProofVerifier_deployed" {
        code {
            // Memory: 0x00 two nodes; 0x40 transcript state, 0x60 what is hashed with it; 0x10a0 what the compiler keeps there;
            // then variables and arrays.
            function CURSOR() -> at { at := 0x1200 } // next byte of the proof, in calldata
            function END() -> at { at := 0x1220 }
            function PARAMETERS() -> at { at := 0x1240 }
            function EPSILON() -> at { at := 0x1260 }
            function VALUE() -> at { at := 0x1280 } // C, then Θ
            function PROGRAM() -> at { at := 0x12a0 }
            function WEIGHT() -> at { at := 0x12c0 } // ω̃(ρ)
            function SITE() -> at { at := 0x12e0 } // where the point of the address starts
            function RHO() -> at { at := 0x1320 } // where the point of products starts

            // Arrays of steps P5 and P6.
            function PLACES() -> at { at := 0x1400 } // indices of queries
            function FIRST() -> at { at := 0x2000 } // values of h1, or of h, at the queries
            function SECOND() -> at { at := 0x2c00 } // values of h2
            function POINTS() -> at { at := 0x3800 } // x of every query of every level but the last
            function FOLDS() -> at { at := 0x5800 } // fold challenge of each variable
            function COLUMNS() -> at { at := 0x5c00 } // ρ_col
            function OUTSIDE() -> at { at := 0x6000 } // z of every level
            function MIXES() -> at { at := 0x8000 } // ξ of every level
            function FOLDED() -> at { at := 0x8200 } // eq table of the last folds
            function FINAL() -> at { at := 0x8a00 } // final vector: real parts, and 0x20 further phi parts
            function SCRATCH() -> at { at := 0xaa00 }
            function ROOTS() -> at { at := 0xba00 } // powers of a domain's generator: 16 for every 4 bits
            function ROUNDS() -> at { at := 0xca00 } // challenges of step P4
            function PAIRS() -> at { at := 0xd200 } // weights in pairs, at most 516

            // include field
            // include reader
            // include program
            // include sums
            // include axes
            // include terms
            // include relations
            // include pads
            // include openings
            // include final
            // include folding

            // ---- main

            function keys() -> at {
                codecopy(0x00, sub(codesize(), 0x20), 0x20)
                at := mload(0x00)
            }
            // What is not `verify` is for ProofKeys.
            function forward() {
                calldatacopy(0x20, 0x00, calldatasize())
                let is_answered := staticcall(gas(), keys(), 0x20, calldatasize(), 0x00, 0x00)
                returndatacopy(0x00, 0x00, returndatasize())
                if is_answered { return(0x00, returndatasize()) }
                revert(0x00, returndatasize())
            }
            // Asks ProofKeys for is_preset(keccak256(parameters)).
            function require_preset() {
                let parameters := argument(1)
                calldatacopy(0x60, add(parameters, 0x20), calldataload(parameters))
                let digest := keccak256(0x60, calldataload(parameters))
                let at := keys()
                mstore(0x20, shl(224, 0xcb686beb))
                mstore(0x24, digest)
                let is_answered := staticcall(gas(), at, 0x20, 0x24, 0x00, 0x20)
                if iszero(and(is_answered, mload(0x00))) { refuse("proof/parameters", 16) }
            }
            // What is longer would reach memory that is taken to be empty.
            function require_lengths() {
                let is_long := or(gt(calldataload(argument(0)), 16384), gt(calldataload(argument(1)), 64))
                is_long := or(is_long, or(gt(calldataload(argument(2)), 480), gt(calldataload(argument(3)), 16384)))
                if or(is_long, gt(calldataload(argument(5)), 131072)) { refuse("proof/length", 12) }
            }
            function read_arguments() {
                mstore(0x1340, 0xffffffff000000010000000000000000ffffffff00000001)
                mstore(PROGRAM(), add(argument(0), 0x20))
                mstore(PARAMETERS(), add(argument(1), 0x20))
                let proof := argument(5)
                mstore(CURSOR(), add(proof, 0x20))
                mstore(END(), add(add(proof, 0x20), calldataload(proof)))
            }

            if gt(memoryguard(0x10a0), CURSOR()) { revert(0x00, 0x00) }
            if sub(shr(224, calldataload(0x00)), 0x939f99f4) { forward() }
            require_lengths()
            require_preset()
            read_arguments()
            read_claim()
            let variables := keep_point()
            let levels := parameter(6)
            let works := add(8, add(levels, shl(1, levels))) // where the bits of work stand in the parameters
            masked_opening(parameter(works))
            let v := variables
            let z := OUTSIDE()
            let points := POINTS()
            let root := 0
            for { let i := 0 } lt(i, levels) { i := add(i, 1) } {
                let at := take(26)
                let next := and(calldataload(at), NODE())
                absorb(at, 26)
                for { let j := 0 } lt(j, v) { j := add(j, 1) } {
                    mstore(z, challenge())
                    z := add(z, 0x20)
                }
                let outside := read_clear()
                let count := open_queries(i, levels, root, points)
                points := add(points, shl(5, count))
                root := next
                mstore(add(MIXES(), shl(5, i)), mix_claims(outside, count, iszero(i)))
                let folds := parameter(add(7, shl(1, i)))
                fold_rounds(v, folds, parameter(add(add(works, 1), i)))
                v := sub(v, folds)
                write_equalities(FOLDED(), add(FOLDS(), shl(5, v)), folds)
            }
            read_final(v)
            for { let i := open_queries(levels, levels, root, points) } i { } {
                i := sub(i, 1)
                if xor(evaluate_final(mload(add(points, shl(5, i))), v), mload(add(FIRST(), shl(5, i)))) {
                    refuse("proof/final", 11)
                }
            }
            if sub(mload(CURSOR()), mload(END())) { refuse("proof/length", 12) }
            let quarter := product(fold_of(sub(variables, 1)), fold_of(sub(variables, 2)))
            let total := add(matrix_weight(v, variables, quarter), pad_weight(v, variables, quarter))
            z := OUTSIDE()
            points := POINTS()
            let bits := variables
            for { let i := 0 } lt(i, levels) { i := add(i, 1) } {
                let count := parameter(add(add(7, shl(1, levels)), i))
                total := add(total, level_weight(v, bits, count, points, z, mload(add(MIXES(), shl(5, i))), mul(quarter, iszero(i))))
                points := add(points, shl(5, count))
                z := add(z, shl(5, bits))
                bits := sub(bits, parameter(add(7, shl(1, i))))
            }
            if xor(reduced(total), reduced(mload(VALUE()))) { refuse("proof/final", 11) }
            mstore(0x00, 1)
            return(0x00, 0x20)
        }
    }
}
