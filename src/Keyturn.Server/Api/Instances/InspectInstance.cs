using Keyturn.Instances;
using Keyturn.Resets;
using Keyturn.Server.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Instances;

internal static class InspectInstance
{
    /// <summary>Connects to each node and tells what it shows of itself, and what the admin login lacks there. Changes nothing.</summary>
    public static async Task<Results<Ok<InspectAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        PathText instance, HttpContext http, IInstanceStore instances, Registrar registrar, NodeJoin join, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, instance, cancel) is not { } found)
        {
            return Problems.InstanceMissing(http, instance);
        }

        var nodes = await registrar.InspectAsync(found, cancel);
        var joinProblems = join.ProblemsOf(found);
        return TypedResults.Ok(new InspectAnswer([.. nodes.Select(node => Wire(node) with { Joining = found.IsJoining(node.Node) ? true : null })])
        {
            JoinProblems = joinProblems.Count > 0 ? joinProblems : null,
        });
    }

    private static NodeInspectionWire Wire(NodeInspection node) => node.Server.Value is not { } info
        ? new NodeInspectionWire(node.Node.Address, Ok: false) { Error = FailureWire.Of(node.Server.Failure) }
        : new NodeInspectionWire(node.Node.Address, Ok: true)
        {
            Product = info.Product,
            Version = info.Version,
            Identity = info.Identity,
            ReadOnly = info.IsReadOnly,
            Pooler = info.IsPooler,
            Tls = info.TlsProtocol,
            Remarks = info.Remarks,
            MissingGrants = MissingGrantWire.Of(node.Missing),
        };
}
