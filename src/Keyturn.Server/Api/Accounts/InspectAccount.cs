using Keyturn.Instances;
using Keyturn.Passwords;
using Keyturn.Rotations;
using Keyturn.Server.Api.Instances;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Keyturn.Server.Api.Accounts;

internal static class InspectAccount
{
    /// <summary>What there is of an account, and what the admin login may do to it. Changes nothing.</summary>
    public static async Task<Results<Ok<AccountInspectionAnswer>, JsonHttpResult<Problem>>> HandleAsync(
        [AsParameters] AccountPath path, HttpContext http, IInstanceStore instances, ISecretStore secrets, IScheduleStore schedules, Roster roster, CancellationToken cancel)
    {
        if (await instances.FindAsync(http, path.Instance, cancel) is not { } instance)
        {
            return Problems.InstanceMissing(http, path.Instance);
        }

        var inspected = await roster.InspectAsync(instance, path.Name, cancel);
        if (inspected.Value is not { } inspection)
        {
            return Problems.Of(http, inspected.Failure!);
        }

        var held = await instances.FindAccountAsync(instance.Id, path.Name, cancel);
        var versions = held is null ? null : await secrets.ReadAsync(held.Id, limit: 1, cancel);
        var schedule = held is null ? null : await schedules.FindAsync(held.Id, cancel);
        var rows = inspection.Rows.Select(row => AccountAnswer.Of(row.Name, row, held));
        return TypedResults.Ok(new AccountInspectionAnswer([.. rows], inspection.Exists, inspection.CanReadBack, held is not null)
        {
            MayChangePassword = inspection.MayChangePassword,
            MissingGrant = inspection.MissingGrant,
            MissingGrants = MissingGrantWire.Of(inspection.Missing),
            Proof = held?.Proof,
            CurrentVersion = versions?.Current?.Version,
            OldVersion = held?.Old?.Version,
            OldPasswordUntil = held?.Old?.Until,
            Schedule = schedule is null ? null : ScheduleAnswer.Of(schedule),
        });
    }
}
