"""The asynchronous client: the same surface, and concurrency in one thread."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator

import deed
import deed.aio
import pytest
from running_server import RunningServer


def surface(cls: type) -> dict[str, list[str]]:
    return {
        name: list(inspect.signature(member).parameters)
        for name, member in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }


@pytest.mark.parametrize("name", ["Graph", "Client", "Transaction", "Scan"])
def test_both_clients_have_one_surface(name: str) -> None:
    assert surface(getattr(deed, name)) == surface(getattr(deed.aio, name))
    assert (
        str(inspect.signature(deed.connect)).partition("->")[0]
        == (str(inspect.signature(deed.aio.connect)).partition("->")[0])
    )


def test_everything_once(server: RunningServer, label: str) -> None:
    async def main() -> None:
        async with deed.aio.connect(server.address) as db:
            a = await db.add_entity(label, {"n": 1})
            b = await db.add_entity(label)
            edge = await db.add_edge(a, b, "R", {"w": 2})
            await db.update_entity(a, {"n": 2}, add_labels="Other")
            await db.update_edge(edge, {"w": 3})
            assert (await db.get_entity(a))["n"] == 2
            assert (await db.get_edge(edge))["w"] == 3
            assert [n and n.id for n in await db.get_entities([b, 2**40, a])] == [b, None, a]
            assert [e and e.id for e in await db.get_edges([edge])] == [edge]
            assert (await db.neighbours(a, "R")).nodes == [b]
            assert [v.node async for v in db.traverse(a, "R")] == [b]
            assert [n.id async for n in db.scan(label)] == [a, b]
            pages = [page async for page in db.scan(label, page_size=1).pages()]
            assert [len(page.nodes) for page in pages] == [1, 1]
            scan = db.scan(label, page_size=1)
            assert (await scan.__anext__()).id == a
            await scan.close()
            await db.mark_followed([edge])
            assert (await db.pheromones(edges=[edge])).edges[0] > 0
            assert await db.evaporate_pheromones() > 0
            assert (await db.stats()).labels[label] == 2
            assert (await db.ping()).version
            assert (await db.check()).faults == 0
            assert await db.checkpoint() > 0
            batch = deed.Batch()
            c = batch.add_entity(label)
            written = await db.write(batch)
            await db.delete_edge(edge)
            await db.delete_entity(b)
            assert [n.id async for n in db.scan(label)] == [a, written[c]]
            with pytest.raises(deed.NotFoundError):
                await db.get_entity(b)

    asyncio.run(main())


def test_transactions(server: RunningServer, label: str) -> None:
    async def main() -> None:
        async with deed.aio.connect(server.address) as db:
            counter = await db.add_entity(label, {"n": 0})

            async def increment(tx: deed.aio.Transaction) -> None:
                n = (await tx.get_entity(counter))["n"]
                await asyncio.sleep(0)
                await tx.update_entity(counter, {"n": n + 1})

            await asyncio.gather(*(db.run(increment, retries=500) for _ in range(20)))
            assert (await db.get_entity(counter))["n"] == 20

            with pytest.raises(ZeroDivisionError):
                async with db.transaction() as tx:
                    await tx.delete_entity(counter)
                    _ = 1 // 0
            assert (await db.get_entity(counter))["n"] == 20
            with pytest.raises(deed.ConflictError):
                async with db.transaction() as tx:
                    await tx.update_entity(counter, {"n": 1})
                    await db.update_entity(counter, {"n": 2})

    asyncio.run(main())


def test_ingest_takes_asynchronous_iterables(server: RunningServer, label: str) -> None:
    async def nodes() -> AsyncIterator[deed.NewNode]:
        for i in range(1_000):
            if i % 100 == 0:
                await asyncio.sleep(0)
            yield deed.NewNode(label, {"i": i}, key=str(i))

    async def main() -> None:
        async with deed.aio.connect(server.address) as db:
            told: list[deed.Refusal] = []
            summary = await db.ingest(
                nodes(),
                [(str(i), str(i + 1), "R") for i in range(1_000)],
                batch_size=64,
                on_refused=told.append,
            )
            assert (summary.nodes, summary.edges, summary.refused) == (1_000, 999, 1)
            assert told[0].reason == "UNKNOWN_KEY"

    asyncio.run(main())


def test_a_thousand_calls_at_once(server: RunningServer, label: str) -> None:
    async def main() -> None:
        async with deed.aio.connect(server.address) as db:
            ids = await asyncio.gather(*(db.add_entity(label, {"i": i}) for i in range(1_000)))
            nodes = await asyncio.gather(*map(db.get_entity, ids))
            assert [node["i"] for node in nodes] == list(range(1_000))

    asyncio.run(main())


def test_a_cancelled_task_cancels_its_call(server: RunningServer, label: str) -> None:
    async def main() -> None:
        async with deed.aio.connect(server.address) as db:

            async def endless() -> AsyncIterator[deed.NewNode]:
                while True:
                    await asyncio.sleep(0)
                    yield deed.NewNode(label)

            task = asyncio.create_task(db.ingest(endless(), batch_size=10))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await db.ping()).version

    asyncio.run(main())
