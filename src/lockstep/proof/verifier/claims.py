"""Whether a statement's proof shows what its file claims: the program is built from the claim, never read."""

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.claims import Claim, claim_of
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.sizing import MOST_ROWS, choose_parameters
from lockstep.proof.soundness import TARGET_BITS, sizes_of, soundness_bits
from lockstep.proof.statement import Statement
from lockstep.proof.statement_files import StatementFile
from lockstep.proof.verifier.fitting import fits
from lockstep.proof.verifier.verify import verify_proof


def require_fits(program: Program, parameters: Parameters) -> None:
    """Raises ``proof/parameters`` if a proof of this program under this preset would not be sound or not possible."""
    rows, bits = sum(oracle.rows for oracle in program.oracles), soundness_bits(parameters, sizes_of(program))
    if rows > MOST_ROWS or not fits(program, parameters):
        why, value = "the statement is too large for the preset", f"{parameters.name}, {rows} rows"
    elif bits < TARGET_BITS:
        why, value = "under this preset the proof would have too few bits", f"{parameters.name}, {bits:.2f} bits"
    else:
        return
    raise ProofError("proof/parameters", why, value=value, remedy=_remedy(program))


def _remedy(program: Program) -> str:
    try:
        return f"make the keys with --preset {choose_parameters(program).name}"
    except ProofError:
        return "state less: no preset has room for it"


def verify_claim(file: StatementFile) -> Claim:
    """The claim that the file's proof shows. Raises ``LockstepError``."""
    # 1. The claim is all that the file says, and gives the program.
    claim = claim_of(file)
    verify_shown(claim, file)
    return claim


def verify_shown(claim: Claim, file: StatementFile) -> None:
    """That the file's proof shows the file's claim."""
    # 2. The preset suits the claim's program.
    require_fits(claim.program, claim.parameters)
    # 3. The proof holds for that program, the claim's commitments, and every word of the file.
    statement = Statement(claim.program, claim.parameters, claim.commitments, file.publics, file.context)
    verify_proof(statement, file.proof)
