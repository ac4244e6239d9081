using Keyturn.Access;
using Keyturn.Audit;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>What is done to a whole store concerns every project: each has it in its audit log.</summary>
internal static class StoreAudit
{
    public static async ValueTask AppendAsync(StoreSession session, string action, string detail)
    {
        var now = await session.NowAsync();
        foreach (var project in await session.QueryAsync("SELECT id FROM projects ORDER BY id", row => row.Id(0)))
        {
            await AuditRows.AppendAsync(session, new AuditEntry { Caller = Caller.Keyturn(project), Action = action, Outcome = "done", Detail = detail }, now);
        }
    }
}
