namespace Keyturn.Storage.Care;

/// <summary>How a column's values are read and written; see <see cref="Tables.Columns"/>.</summary>
internal enum ColumnKind
{
    Number,
    Text,
    Id,
    Time,
    Flag,
    Bytes,
}

/// <summary>A column that both databases have.</summary>
internal sealed record StoreColumn(string Name, ColumnKind Kind);

/// <summary>A table that both databases have.</summary>
/// <param name="Name">Its name.</param>
/// <param name="KeyLength">So many of its first columns are its primary key.</param>
/// <param name="Columns">All of its columns, but those that are one database's own affair.</param>
internal sealed record StoreTable(string Name, int KeyLength, IReadOnlyList<StoreColumn> Columns)
{
    public IEnumerable<StoreColumn> Key => Columns.Take(KeyLength);
}

/// <summary>
/// All tables of a store, in an order in which rows find what they refer to. Tests compare it with the schemas, so that a column that is
/// added later is not left behind.
/// </summary>
internal static class StoreTables
{
    public static IReadOnlyList<StoreTable> All { get; } =
    [
        new("data_keys", 1, [Number("id"), Text("master_key_id"), Bytes("wrapped"), Time("created_at")]),
        new("store", 1, [Number("single"), Id("id"), Time("created_at"), Number("active_key_id"), Number("digest_data_key_id"), Bytes("digest_key")]),
        new("projects", 1, [Id("id"), Time("created_at"), Text("name"), Text("region")]),
        new("principals", 1, [Id("id"), Id("project_id"), Text("name"), Time("created_at"), Text("email"), Flag("is_owner")]),
        new("credentials", 1,
        [
            Id("id"), Id("principal_id"), Text("kind"), Text("label"), Text("public_id"), Bytes("hash"), Number("data_key_id"), Bytes("box"), Text("scopes"), Time("created_at"),
            Time("expires_at"),
        ]),
        new("policies", 1, [Id("id"), Id("project_id"), Text("name"), Text("document"), Time("created_at")]),
        new("groups", 1, [Id("id"), Id("project_id"), Text("name"), Time("created_at")]),
        new("group_members", 2, [Id("principal_id"), Id("group_id")]),
        new("principal_policies", 2, [Id("principal_id"), Id("policy_id")]),
        new("group_policies", 2, [Id("group_id"), Id("policy_id")]),
        new("instances", 1,
        [
            Id("id"), Id("project_id"), Text("name"), Text("engine"), Text("server_identity"), Flag("is_clone"), Number("revision"), Time("created_at"), Text("settings"),
            Bytes("client_key"), Number("client_data_key_id"),
        ]),
        new("accounts", 1,
        [
            Id("id"), Id("instance_id"), Text("user"), Text("host"), Text("auth_database"), Text("proof"), Time("created_at"), Time("drifted_at"), Time("unverified_since"),
            Time("probe_after"), Number("old_version"), Time("old_until"), Time("discard_after"),
        ]),
        new("schedules", 1,
        [
            Id("account_id"), Number("every_days"), Time("due_at"), Time("next_attempt_at"), Number("failed_attempts"), Time("failed_at"), Text("error"), Text("detail"),
            Id("reset_id"),
        ]),
        new("secrets", 2, [Id("account_id"), Number("version"), Text("state"), Number("data_key_id"), Bytes("box"), Time("created_at"), Id("reset_id")]),
        new("resets", 1,
        [
            Number("number"), Id("id"), Id("instance_id"), Id("account_id"), Text("kind"), Text("state"), Number("version"), Text("auth_plugin"), Text("proof"), Id("principal_id"),
            Text("operation"), Text("idempotency_key"), Bytes("request_digest"), Time("prepared_at"), Time("settle_by"), Time("ended_at"), Number("fence"), Time("lease_until"),
            Time("next_attempt_at"), Number("attempts"), Text("cause_error"), Text("cause_detail"), Time("repeat_until"), Time("superseded_at"), Text("roles"),
            Number("keep_old_for"), Flag("discards_old"), Time("old_kept_until"),
        ]),
        new("reset_nodes", 2,
        [
            Number("reset"), Number("position"), Text("host"), Number("port"), Text("role"), Text("session_id"), Text("session_start"), Text("step"), Text("proof"), Text("error"),
            Text("detail"), Flag("not_persisted"), Text("proved_by"),
        ]),
        new("reset_events", 2, [Number("reset"), Number("position"), Time("time"), Text("phase"), Text("node"), Text("text")]),
        new("jobs", 1, [Id("id"), Id("project_id"), Id("instance_id"), Text("name"), Time("created_at"), Time("ended_at"), Text("failure")]),
        new("job_resets", 2, [Id("job_id"), Number("position"), Id("reset_id")]),
        new("guesses", 1, [Text("key"), Number("failures"), Time("last_at")]),
        new("audit", 1,
        [
            Number("sequence"), Time("time"), Id("project_id"), Id("principal_id"), Text("principal_name"), Text("source"), Text("request_id"), Text("action"), Text("outcome"),
            Id("instance_id"), Text("account"), Id("reset_id"), Text("detail"), Id("chain_id"), Number("chain_number"), Bytes("hash"),
        ]),
        new("audit_chains", 1,
        [
            Id("id"), Number("number"), Bytes("hash"), Bytes("seal"), Time("created_at"), Id("holder"), Time("lease_until"), Time("closed_at"),
        ]),
    ];

    private static StoreColumn Number(string name) => new(name, ColumnKind.Number);

    private static StoreColumn Text(string name) => new(name, ColumnKind.Text);

    private static StoreColumn Id(string name) => new(name, ColumnKind.Id);

    private static StoreColumn Time(string name) => new(name, ColumnKind.Time);

    private static StoreColumn Flag(string name) => new(name, ColumnKind.Flag);

    private static StoreColumn Bytes(string name) => new(name, ColumnKind.Bytes);
}
