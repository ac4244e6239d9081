using Keyturn.Storage.Chain;
using Keyturn.Storage.Sealing;
using Keyturn.Storage.Tables;

namespace Keyturn.Storage.Care;

/// <summary>Whether the audit log is as it was written: what <see cref="AuditVerification"/> finds are findings of the store.</summary>
internal static class AuditCheck
{
    /// <summary>Verifies all chains. Without the key that they are under nothing can be said of them.</summary>
    public static async ValueTask RunAsync(StoreSession session, KeyRing? keys, List<StoreFinding> findings)
    {
        if (keys is not { HasDigestKey: true })
        {
            return;
        }

        try
        {
            var report = await new LogVerification(session, keys.ChainKey, expected: []).RunAsync(CancellationToken.None);
            findings.AddRange(report.Faults.Select(fault => new StoreFinding(Where(fault), $"{fault.Damage}: {fault.What}")));
        }
        catch (Exception e)
        {
            findings.Add(new StoreFinding("audit log", $"It cannot be read: {e.Message}"));
        }
    }

    private static string Where(AuditFault fault) => fault.Sequence is { } sequence ? $"audit log, sequence {sequence} ({fault.Action})" : "audit log";
}
