using System.Text.Json.Nodes;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;
using Keyturn.Cli.Passwords;

namespace Keyturn.Cli.Commands;

/// <summary>Adopts the accounts of a list, one after the other: each by one attempt, whatever comes of the others.</summary>
internal sealed class AdoptionList(Session session, string instance, string? proof)
{
    private readonly JsonArray _results = [];
    private readonly HashSet<ExitCode> _codes = [];

    public async Task<ExitCode> RunAsync(IReadOnlyList<ListedPassword> list, CancellationToken cancel)
    {
        try
        {
            foreach (var account in list)
            {
                await AdoptAsync(account, cancel);
            }
        }
        catch (CommandFailure failure)
        {
            session.Terminal.Error.WriteLine($"keyturn: {failure.Message}");
            session.Terminal.Error.WriteLine($"keyturn: {list.Count - _results.Count} of {list.Count} accounts were not tried, or their answer is lost.");
            _codes.Add(failure.ExitCode);
        }

        WriteEnd(list.Count);
        return new[] { ExitCode.Undecided, ExitCode.Refused, ExitCode.Unreachable }.FirstOrDefault(_codes.Contains, ExitCode.Done);
    }

    private async Task AdoptAsync(ListedPassword account, CancellationToken cancel)
    {
        var address = new AccountAddress(instance, account.User, account.Host, account.AuthDatabase);
        var body = new JsonObject { ["password"] = account.Password.Reveal() };
        body.AddIfGiven("proof", proof);
        var answer = await session.SendAsync(new ApiRequest(HttpMethod.Post, address.Path("adopt"), $"Logging in as {address.Name}") { Body = body }, cancel);
        var problem = answer.IsSuccess ? null : new Problem(answer.Status, answer.Body);
        _codes.Add(problem?.ExitCode ?? ExitCode.Done);
        _results.Add(new JsonObject { ["name"] = address.Name, ["adopted"] = problem is null, ["reason"] = problem?.Line() });
        if (problem is not null)
        {
            session.Terminal.Error.WriteLine($"keyturn: {Printable.Of(address.Name)}: {problem.Line()}");
        }
        else if (!session.IsJson)
        {
            session.Terminal.Out.WriteLine(Printable.Of($"adopted {address.Name}"));
        }
    }

    private void WriteEnd(int all)
    {
        if (session.IsJson)
        {
            session.WriteJson(new JsonObject { ["accounts"] = _results });
            return;
        }

        session.Terminal.Out.WriteLine($"{_results.Count(result => result!["adopted"]!.GetValue<bool>())} of {all} accounts adopted");
    }
}
