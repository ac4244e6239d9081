using Keyturn.Access;
using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Authentication;

namespace Keyturn.Server.Access;

/// <summary>
/// Has an audit row for callers whom no door let in, and for sign-ins that were refused: at most one a second for each source, door and user that was
/// named. What the caller showed is not in it.
/// </summary>
internal sealed class FailedAuthentications(RefusedRows rows)
{
    private const string AnyKind = "authentication";

    private static readonly RefusedRows.Refused Others = new(Nobody("other sources"), AnyKind, "all doors");

    /// <summary>Writes the row before the answer goes out, or counts it.</summary>
    public ValueTask NoteAsync(HttpContext http)
    {
        var refused = new RefusedRows.Refused(Nobody(http.SourceAddress()), AnyKind, http.Door().Name) { Beyond = Others };
        return rows.NoteAsync(refused, http.TraceIdentifier, async () => (await http.AuthenticateAsync()).Failure?.Message ?? "No credential was shown.");
    }

    /// <summary>The same for a sign-in.</summary>
    /// <param name="http">The request.</param>
    /// <param name="action">What was asked for.</param>
    /// <param name="named">Whoever was named, known or not: a name that is nobody's keeps its attempts apart as a known one does, and is not written down, for people type their password there.</param>
    /// <param name="principal">Whoever that is.</param>
    /// <param name="project">The project that was named, or the principal's.</param>
    /// <param name="why">Why not.</param>
    public ValueTask NoteSignInAsync(HttpContext http, string action, string named, Principal? principal, Project? project, string why)
    {
        var nobody = Nobody(http.SourceAddress()) with { ProjectId = project?.Id ?? Guid.Empty };
        var caller = principal is null ? nobody : nobody with { PrincipalId = principal.Id, PrincipalName = principal.Name };
        var refused = new RefusedRows.Refused(caller, action, http.Door().Name) { Named = named, Beyond = Others };
        return rows.NoteAsync(refused, http.TraceIdentifier, () => ValueTask.FromResult(why));
    }

    private static Caller Nobody(string source) => new(Guid.Empty, "nobody", Guid.Empty, source, "-");
}
