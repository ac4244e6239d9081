using System.Text.Json;

namespace Keyturn.Cli.Output;

/// <summary>A reset, for people.</summary>
internal static class ResetView
{
    public static void WriteReset(this Terminal terminal, JsonElement reset) => terminal.WriteList(Summary(reset));

    /// <summary>What the replicas showed, where the command waited for them.</summary>
    public static void WriteReplicas(this Terminal terminal, JsonElement answer)
    {
        if (answer.Member("replicas") is not null)
        {
            terminal.Out.WriteLine();
            terminal.WriteTable(
                ["REPLICA", "ACCEPTS IT", "CAUSE", "DETAIL"],
                answer.Items("replicas").Select(replica => new[] { replica.Text("address"), replica.Text("accepts"), replica.Text("cause"), replica.Text("detail") }));
        }
    }

    /// <summary>The reset with its nodes and all that happened, in order.</summary>
    public static void WriteStory(this Terminal terminal, JsonElement reset)
    {
        terminal.WriteList(
        [
            .. Summary(reset),
            ("kind", reset.Text("kind")), ("attempts", reset.Text("attempts")),
            ("prepared at", reset.Text("prepared_at")), ("ended at", reset.Text("ended_at")),
        ]);
        terminal.Out.WriteLine();
        terminal.WriteTable(reset.Items("nodes"), "address", "step", "proof", "persisted", "session", "cause", "detail");
        terminal.Out.WriteLine();
        terminal.WriteTable(reset.Items("events"), "time", "phase", "node", "text");
    }

    /// <summary>What the state of a reset means for a script: its end, or that there is none yet.</summary>
    public static ExitCode ExitCodeOf(JsonElement reset) => reset.Text("state") switch
    {
        "done" => ExitCode.Done,
        "failed" => ExitCode.Refused,
        _ => ExitCode.Undecided,
    };

    private static (string Name, string Value)[] Summary(JsonElement reset) =>
    [
        ("reset", reset.Text("id")),
        ("account", $"{reset.Text("account")} on {reset.Text("instance")}"),
        ("state", reset.Text("state")),
        ("version", reset.Text("version")),
        ("proof", reset.Text("proof")),
        ("old password until", reset.Text("old_password_until")),
        ("cause", reset.Text("cause")),
        ("detail", reset.Text("detail")),
        ("next step", reset.Text("next_step")),
    ];
}
