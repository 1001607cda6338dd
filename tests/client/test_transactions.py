"""What a transaction sees, keeps and forgets."""

from __future__ import annotations

import threading
import time

import deed
import pytest


def test_nothing_is_seen_before_the_commit(db: deed.Client, label: str) -> None:
    with db.transaction() as tx:
        node = tx.add_entity(label, {"n": 1})
        assert tx.get_entity(node)["n"] == 1
        assert [n.id for n in tx.scan(label)] == [node]
        assert list(db.scan(label)) == []
        with pytest.raises(deed.NotFoundError):
            db.get_entity(node)
    assert not tx.active
    assert tx.commit_id > 0
    assert db.get_entity(node)["n"] == 1


def test_an_exception_rolls_back(db: deed.Client, label: str) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction() as tx:
        tx.add_entity(label)
        _ = 1 // 0
    assert list(db.scan(label)) == []
    with db.transaction() as tx:
        tx.add_entity(label)
        tx.rollback()
        tx.rollback()
    assert list(db.scan(label)) == []


def test_a_snapshot_stays_as_it_was(db: deed.Client, label: str) -> None:
    node = db.add_entity(label, {"n": 1})
    with db.transaction(read_only=True) as tx:
        assert tx.get_entity(node)["n"] == 1
        db.update_entity(node, {"n": 2})
        other = db.add_entity(label)
        db.add_edge(node, other, "R")
        assert tx.get_entity(node)["n"] == 1
        assert tx.neighbours(node).nodes == []
        assert [n.id for n in tx.scan(label)] == [node]
    assert db.get_entity(node)["n"] == 2


def test_the_first_committer_wins(db: deed.Client) -> None:
    node = db.add_entity((), {"n": 0})
    with pytest.raises(deed.ConflictError) as caught, db.transaction() as tx:
        tx.update_entity(node, {"n": 1})
        db.update_entity(node, {"n": 2})
    assert caught.value.reason == "WRITE_CONFLICT"
    assert caught.value.retryable
    assert db.get_entity(node)["n"] == 2
    with pytest.raises(deed.TransactionEndedError):
        tx.get_entity(node)


def test_edges_to_one_node_are_no_conflict(db: deed.Client) -> None:
    hub = db.add_entity()
    with db.transaction() as one, db.transaction() as two:
        one.add_edge(hub, one.add_entity(), "R")
        two.add_edge(hub, two.add_entity(), "R")
    assert len(db.neighbours(hub)) == 2


def test_write_skew_under_both_isolations(db: deed.Client) -> None:
    def skew(isolation: str) -> None:
        a, b = db.add_entity((), {"on": True}), db.add_entity((), {"on": True})
        with db.transaction(isolation=isolation) as one, db.transaction(isolation=isolation) as two:
            assert one.get_entity(b)["on"]
            assert two.get_entity(a)["on"]
            one.update_entity(a, {"on": False})
            two.update_entity(b, {"on": False})

    skew("snapshot")
    with pytest.raises(deed.ConflictError) as caught:
        skew("serializable")
    assert caught.value.reason == "READ_CONFLICT"


def test_run_repeats_after_conflicts(db: deed.Client) -> None:
    counter = db.add_entity((), {"n": 0})
    runs = []

    def increment(tx: deed.Transaction) -> int:
        runs.append(1)
        n: int = tx.get_entity(counter)["n"] + 1
        tx.update_entity(counter, {"n": n})
        return n

    def work() -> None:
        for _ in range(25):
            db.run(increment, retries=200)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.get_entity(counter)["n"] == 100
    assert len(runs) >= 100


def test_run_gives_up_and_passes_other_exceptions_on(db: deed.Client) -> None:
    node = db.add_entity((), {"n": 0})
    runs = []

    def always_late(tx: deed.Transaction) -> None:
        runs.append(1)
        tx.update_entity(node, {"n": 1})
        db.update_entity(node, {"n": 2})

    with pytest.raises(deed.ConflictError):
        db.run(always_late, retries=3)
    assert len(runs) == 4
    with pytest.raises(deed.NotFoundError):
        db.run(lambda tx: tx.get_entity(2**40))


def test_a_failed_call_leaves_the_transaction_as_it_was(db: deed.Client, label: str) -> None:
    with db.transaction() as tx:
        kept = tx.add_entity(label)
        with pytest.raises(deed.NotFoundError):
            tx.update_entity(2**40, {"x": 1})
    assert [n.id for n in db.scan(label)] == [kept]


def test_a_failed_batch_ends_the_transaction(db: deed.Client, label: str) -> None:
    batch = deed.Batch()
    batch.add_entity(label)
    batch.delete_entity(2**40)
    with pytest.raises(deed.TransactionEndedError), db.transaction() as tx:
        tx.add_entity(label)
        with pytest.raises(deed.NotFoundError):
            tx.write(batch)
    assert list(db.scan(label)) == []


def test_a_batch_in_a_transaction(db: deed.Client, label: str) -> None:
    batch = deed.Batch()
    first = batch.add_entity(label)
    with db.transaction() as tx:
        result = tx.write(batch)
        assert result.commit == 0
        tx.update_entity(result[first], {"n": 1})
        assert list(db.scan(label)) == []
    assert next(db.scan(label))["n"] == 1


def test_time_outs_end_it(db: deed.Client, label: str) -> None:
    with pytest.raises(deed.TransactionEndedError), db.transaction(timeout=0.2) as tx:
        tx.add_entity(label)
        time.sleep(0.6)
    with pytest.raises(deed.TransactionEndedError), db.transaction(idle_timeout=0.2) as tx:
        tx.add_entity(label)
        # The server looks for idle transactions now and then.
        for _ in range(100):
            time.sleep(0.5)
            if db.stats().open_transactions == 0:
                break
        tx.add_entity(label)
    assert list(db.scan(label)) == []


def test_read_only_means_it(db: deed.Client) -> None:
    with db.transaction(read_only=True) as tx, pytest.raises(deed.InvalidArgumentError) as caught:
        tx.add_entity()
    assert caught.value.reason == "READ_ONLY"


def test_misuse_is_told(db: deed.Client) -> None:
    tx = db.transaction()
    with pytest.raises(deed.TransactionEndedError, match="not begun"):
        tx.add_entity()
    tx.begin()
    with pytest.raises(deed.TransactionEndedError, match="begun before"):
        tx.begin()
    tx.commit()
    with pytest.raises(deed.TransactionEndedError, match="its commit"):
        tx.commit()
    with pytest.raises(deed.InvalidArgumentError, match="serializable"):
        db.transaction(isolation="chaos")
