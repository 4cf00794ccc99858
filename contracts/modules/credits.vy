# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Money that a contract owes, fetched by whom it is owed to
@dev Invariant: a payment never calls its receiver, so no receiver can block one.
"""

# Wei owed to each account.
credit_of: public(HashMap[address, uint256])


event Credited:
    account: indexed(address)
    amount: uint256


event Withdrawn:
    account: indexed(address)
    amount: uint256


@internal
def _credit(account: address, amount: uint256):
    if amount == 0:
        return
    self.credit_of[account] += amount
    log Credited(account=account, amount=amount)


@external
def withdraw():
    """
    @notice Send the caller what it is owed.
    """
    amount: uint256 = self.credit_of[msg.sender]
    assert amount != 0, "credit/none"
    self.credit_of[msg.sender] = 0
    log Withdrawn(account=msg.sender, amount=amount)
    raw_call(msg.sender, b"", value=amount)
