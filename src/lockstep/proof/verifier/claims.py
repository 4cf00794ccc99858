"""Whether a statement's proof shows what its file claims: the program is built from the claim, never read."""

from lockstep.proof.arithmetise.claims import Claim, claim_of
from lockstep.proof.sizing import require_fits
from lockstep.proof.statement import Statement
from lockstep.proof.statement_files import StatementFile
from lockstep.proof.verifier.verify import verify_proof


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
