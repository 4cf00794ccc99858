"""The one that signs and sends: each key is executed at most once, whatever crashes or drops in between.

1. An attempt is written to the outbox before it is broadcast.
2. A key that is in the outbox is never given another nonce, unless another transaction has provably used its nonce.
3. A stuck transaction is replaced by one with the same nonce and a higher fee.
"""

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from lockstep.chain.account import Signer
from lockstep.chain.anvil import LOCAL_CHAIN_ID
from lockstep.chain.binding import Transaction, checksum
from lockstep.chain.fees import FeeLimits, Fees
from lockstep.chain.outbox import Envelope, Lane, Outbox
from lockstep.chain.receipt import Receipt
from lockstep.chain.refusal import Refusal, RefusedError
from lockstep.chain.rpc import PENDING, RawReceipt, Rpc
from lockstep.errors import AccountError, ChainError, RevertError
from lockstep.types import Address, Amount, Digest

ETHER: Final = 10**18
MAXIMUM_TRIES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what, in seconds. ``lag`` is how far the nodes behind one address may disagree."""

    receipt: float = 180.0
    bump: float = 20.0
    lag: float = 2.0
    first_pause: float = 0.004
    longest_pause: float = 1.0


class Sender:
    """Sends for one account. Threads may share it; two senders of one account on one outbox may not run at once."""

    def __init__(
        self,
        rpc: Rpc,
        account: Signer,
        outbox: Outbox,
        *,
        limits: FeeLimits | None = None,
        patience: Patience | None = None,
    ) -> None:
        if account.is_public and rpc.chain_id != LOCAL_CHAIN_ID:
            raise AccountError(
                "account/public-key",
                "everybody has this key",
                value=account.address,
                remedy=f"use your own key on chain {rpc.chain_id}",
            )
        self.rpc = rpc
        self.lane = Lane(rpc.chain_id, account.address)
        self._account = account
        self._outbox = outbox
        self._limits = limits or FeeLimits()
        self._patience = patience or Patience()
        self._lock = threading.RLock()
        self._is_resumed = False

    @property
    def address(self) -> Address:
        """Who signs."""
        return self._account.address

    def send(self, transaction: Transaction, *, key: str, gas: int | None = None) -> Receipt:
        """Submit and wait. The same key again gives the same receipt, or the same RevertError."""
        self.submit(transaction, key=key, gas=gas)
        return self.wait(key)

    def submit(self, transaction: Transaction, *, key: str, gas: int | None = None) -> Digest:
        """Sign, write down and broadcast, once for each key. Refused at once what would revert or cannot be paid."""
        intent = _intent(transaction)
        with self._lock:
            if attempts := self._outbox.attempts(self.lane, key):
                if attempts[-1].intent != intent:
                    raise ChainError("chain/key-reused", "this key was used for another transaction", value=key)
                if self._find_raw_receipt(attempts) is None:
                    self._broadcast_again(attempts[-1])
                return attempts[-1].hash
            if not self._is_resumed:
                self.resume()
            limit = gas or self._limits.gas_for(self._estimate(transaction))
            return self._dispatch(transaction, key, limit).hash

    def wait(self, key: str) -> Receipt:
        """The receipt of a submitted key. Raises the fee while it is stuck, and repairs a lost nonce."""
        started = touched = time.monotonic()
        missing_since: float | None = None
        pause = self._patience.first_pause
        while True:
            attempts = self._known_attempts(key)
            is_nonce_used = self.rpc.read_nonce(self.address) > attempts[-1].nonce
            if (raw := self._find_raw_receipt(attempts)) is not None:
                return self._concluded(attempts, raw)
            now = time.monotonic()
            missing_since = (missing_since or now) if is_nonce_used else None
            if missing_since is not None and now - missing_since > self._patience.lag:
                self._repair(attempts)
                missing_since = None
            elif now - touched > self._patience.bump:
                self._bump(attempts)
                touched = now
            if now - started > self._patience.receipt:
                raise ChainError(
                    "chain/not-mined",
                    "no block has taken the transaction yet",
                    value="0x" + attempts[-1].hash.hex(),
                    remedy="send it again with the same key: it is found, not repeated",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, self._patience.longest_pause)

    def find(self, key: str) -> Receipt | None:
        """The receipt of a key, if it was sent and taken; RevertError if it reverted."""
        attempts = self._outbox.attempts(self.lane, key)
        raw = self._find_raw_receipt(attempts)
        return None if raw is None else self._concluded(attempts, raw)

    def find_nonce(self, key: str) -> int | None:
        """The nonce that a key has, if it was signed."""
        attempts = self._outbox.attempts(self.lane, key)
        return attempts[-1].nonce if attempts else None

    def next_nonce(self) -> int:
        """The nonce that the next new key gets: the first that neither the chain nor the outbox has."""
        taken = {envelope.nonce for envelope in self._outbox.unfinished(self.lane)}
        nonce = self.rpc.read_nonce(self.address, at=PENDING)
        while nonce in taken:
            nonce += 1
        return nonce

    def give_up(self, key: str) -> None:
        """Forget what was taken once and is in no block any more (``chain/receipt-gone``): the key is free again.

        Only for who sees in the chain's state that it has not happened: a provider may also have lost old receipts.
        """
        with self._lock:
            for attempt in self._outbox.attempts(self.lane, key):
                self._outbox.discard(self.lane, attempt.hash)

    def resume(self) -> None:
        """Broadcast again what an earlier process signed and may not have sent. The first ``submit`` does it too."""
        with self._lock:
            newest = {envelope.key: envelope for envelope in self._outbox.unfinished(self.lane)}
            for envelope in sorted(newest.values(), key=lambda envelope: envelope.nonce):
                attempts = self._outbox.attempts(self.lane, envelope.key)
                if self._find_raw_receipt(attempts) is not None:
                    self._outbox.finish(self.lane, envelope.key)
                else:
                    self._broadcast_again(envelope)
            self._is_resumed = True

    def wait_unfinished(self) -> None:
        """Sees to the end what was sent and is waited for by nobody: one stuck nonce holds up all later ones."""
        waiting = sorted(self._outbox.unfinished(self.lane), key=lambda envelope: envelope.nonce)
        for key in dict.fromkeys(envelope.key for envelope in waiting):
            with suppress(RevertError):
                self.wait(key)

    def _known_attempts(self, key: str) -> tuple[Envelope, ...]:
        attempts = self._outbox.attempts(self.lane, key)
        if not attempts:
            raise ChainError("chain/unknown-key", "nothing was sent with this key", value=key)
        return attempts

    def _find_raw_receipt(self, attempts: tuple[Envelope, ...]) -> RawReceipt | None:
        found = (self.rpc.find_receipt(attempt.hash) for attempt in reversed(attempts))
        return next((receipt for receipt in found if receipt is not None), None)

    def _concluded(self, attempts: tuple[Envelope, ...], raw: RawReceipt) -> Receipt:
        envelope = next(attempt for attempt in attempts if attempt.hash == raw.transaction_hash)
        if not envelope.is_done:
            self._outbox.finish(self.lane, envelope.key)
        if not raw.is_success:
            raise self._revert(envelope, raw)
        return Receipt(
            envelope.key,
            raw.transaction_hash,
            raw.block_number,
            raw.block_hash,
            raw.gas_used,
            raw.gas_price,
            raw.contract_address,
            raw.logs,
        )

    def _revert(self, envelope: Envelope, raw: RawReceipt) -> RevertError:
        """The reason, from running it again on the state before its block; the state may differ within the block."""
        named = f"transaction 0x{raw.transaction_hash.hex()} in block {raw.block_number}"
        if raw.gas_used >= envelope.gas:
            return RevertError("chain/out-of-gas", "the transaction used all of its gas", value=named)
        try:
            cause = self.rpc.find_revert(_transaction_of(envelope), self.address, block=raw.block_number - 1)
        except RefusedError:
            cause = None  # the node no longer has that state
        return RevertError(cause.code if cause else "chain/reverted", "the contract refused", value=named)

    def _estimate(self, transaction: Transaction) -> int:
        try:
            return self.rpc.estimate_gas(transaction, self.address, self._limits.gas)
        except RefusedError as refusal:
            if refusal.kind is Refusal.NO_FUNDS:
                raise self._no_funds(transaction.value) from refusal
            raise

    def _dispatch(self, transaction: Transaction, key: str, gas: int) -> Envelope:
        """Sign with the next nonce, write down, broadcast. A nonce that proves to be used is given up for the next."""
        refused: RefusedError | None = None
        for _ in range(MAXIMUM_TRIES):
            envelope = self._sign(transaction, key, self.next_nonce(), gas, self._limits.price(self.rpc))
            self._outbox.record(self.lane, envelope)
            try:
                self.rpc.send_raw(envelope.raw)
                return envelope
            except RefusedError as refusal:
                if refusal.kind is Refusal.KNOWN or self._was_taken(envelope, refusal):
                    return envelope
                self._outbox.discard(self.lane, envelope.hash)
                if refusal.kind is Refusal.NO_FUNDS:
                    raise self._no_funds(Amount(transaction.value + gas * envelope.max_fee)) from refusal
                if refusal.kind not in (Refusal.NONCE_TOO_LOW, Refusal.UNDERPRICED):
                    raise
                refused = refusal
                time.sleep(self._patience.first_pause)
        assert refused is not None
        raise refused

    def _sign(self, transaction: Transaction, key: str, nonce: int, gas: int, fees: Fees) -> Envelope:
        fields = {
            "type": 2,
            "chainId": self.lane.chain_id,
            "nonce": nonce,
            "value": transaction.value,
            "data": transaction.data,
            "gas": gas,
            "maxFeePerGas": fees.max_fee,
            "maxPriorityFeePerGas": fees.priority_fee,
        }
        signed = self._account.sign(fields if transaction.to is None else fields | {"to": transaction.to})
        return Envelope(key, nonce, _intent(transaction), signed.hash, signed.raw, fees.max_fee, fees.priority_fee, gas)

    def _broadcast_again(self, envelope: Envelope) -> None:
        """Send the same bytes. What no chain will ever take is forgotten; a used nonce is for ``wait`` to judge."""
        try:
            self.rpc.send_raw(envelope.raw)
        except RefusedError as refusal:
            if refusal.kind is Refusal.UNDERPRICED:
                self._bump(self._known_attempts(envelope.key))
            elif refusal.kind is Refusal.NO_FUNDS:
                value = _transaction_of(envelope).value
                raise self._no_funds(Amount(value + envelope.gas * envelope.max_fee)) from refusal
            elif refusal.kind not in (Refusal.KNOWN, Refusal.NONCE_TOO_LOW):
                raise

    def _was_taken(self, envelope: Envelope, refusal: RefusedError) -> bool:
        """A broadcast whose answer was lost is repeated by the connection; then the chain knows the hash already."""
        deadline = time.monotonic() + (self._patience.lag if refusal.kind is Refusal.NONCE_TOO_LOW else 0)
        while True:
            if self.rpc.call("eth_getTransactionByHash", "0x" + envelope.hash.hex()) is not None:
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(self._patience.lag / 10)

    def _bump(self, attempts: tuple[Envelope, ...]) -> None:
        """Offer more with the same nonce; when the limit leaves no room, show the old offer again."""
        newest = attempts[-1]
        offer = Fees(newest.max_fee, newest.priority_fee)
        for _ in range(MAXIMUM_TRIES):
            raised = self._limits.bumped(offer, self._limits.price(self.rpc))
            if raised is None:
                break
            offer = raised
            envelope = self._sign(_transaction_of(newest), newest.key, newest.nonce, newest.gas, offer)
            self._outbox.record(self.lane, envelope)
            try:
                self.rpc.send_raw(envelope.raw)
                return
            except RefusedError as refusal:
                if refusal.kind is Refusal.KNOWN or self._was_taken(envelope, refusal):
                    return
                self._outbox.discard(self.lane, envelope.hash)
                if refusal.kind is not Refusal.UNDERPRICED:
                    return
        try:
            self.rpc.send_raw(newest.raw)
        except RefusedError:
            return  # the pool has it, or the next look finds its receipt

    def _repair(self, attempts: tuple[Envelope, ...]) -> None:
        """Another transaction used this nonce, so none of the attempts can be taken any more: sign with a new one."""
        newest = attempts[-1]
        if newest.is_done:
            raise ChainError("chain/receipt-gone", "the chain no longer has the receipt", value=newest.key)
        with self._lock:
            if self._find_raw_receipt(attempts) is None:
                self._dispatch(_transaction_of(newest), newest.key, newest.gas)

    def _no_funds(self, needed: Amount) -> AccountError:
        balance = self.rpc.read_balance(self.address)
        return AccountError(
            "account/no-funds",
            f"{self.address} cannot pay",
            value=f"balance {balance / ETHER:.6f}, needed {needed / ETHER:.6f}",
            remedy="send funds to this address",
        )


def _intent(transaction: Transaction) -> Digest:
    """Names what a transaction does, whatever its nonce and price."""
    to = bytes.fromhex(transaction.to[2:]) if transaction.to is not None else bytes(20)
    return Digest(bytes(keccak(to + transaction.value.to_bytes(32, "big") + transaction.data)))


def _transaction_of(envelope: Envelope) -> Transaction:
    fields = TypedTransaction.from_bytes(HexBytes(envelope.raw)).as_dict()
    to = bytes(fields["to"])
    return Transaction(checksum("0x" + to.hex()) if to else None, bytes(fields["data"]), Amount(int(fields["value"])))
