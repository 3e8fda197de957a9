"""The store in a ClickHouse table, for teams, or embedded for one process."""

from genesis_mcp.stores.clickhouse.store import ClickHouseStore

__all__ = ["ClickHouseStore"]
