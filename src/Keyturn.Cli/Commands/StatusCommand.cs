using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn status</c></summary>
internal static class StatusCommand
{
    public static Command Create(ClientOptions client)
    {
        var command = client.AddTo(new Command("status", "Say which server answers, and how it is"));
        client.SetAction(command, (_, session, cancel) => session.RunAsync(
            new ApiRequest(HttpMethod.Get, ApiPath.Of("status"), "Asking the server"),
            body => session.Terminal.WriteList(
                ("version", body.Text("version")),
                ("store", body.Member("store") is { } store ? $"{store.Text("kind")}, {store.Text("durability")}" : ""),
                ("engines", body.Text("engines")),
                ("open resets", body.Text("open_resets")),
                ("unverified accounts", body.Text("unverified_accounts")),
                ("failing rotations", body.Text("failing_rotations"))),
            cancel));
        return command;
    }
}
