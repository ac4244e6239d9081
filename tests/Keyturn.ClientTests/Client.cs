using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Keyturn.ClientTests;

/// <summary>What a client printed, and how it ended.</summary>
public sealed record ClientRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Its output as JSON, of a run that succeeded; the last line of it where a log comes before.</summary>
    public JsonNode Json
    {
        get
        {
            ExitCode.ShouldBe(0, $"{Output}\n{Errors}");
            return Output.Length > 0 ? JsonNode.Parse(Output[0] is '{' or '[' ? Output : Output.Split('\n')[^1])! : new JsonObject();
        }
    }
}

/// <summary>
/// Real clients of providers, unchanged: npm's are installed beside this project by <c>script/test</c>, Python's come from Debian. The short
/// programs in <c>clients/</c> call them as their documentation does, and print what they return as JSON.
/// </summary>
public static class Client
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Where npm has put them; says why a test is skipped where it has not.</summary>
    private static string NodeModules
    {
        get
        {
            var folder = Path.Combine(Project, "node_modules");
            Assert.SkipUnless(Directory.Exists(folder), "the npm clients are not installed: run script/test clients");
            return folder;
        }
    }

    private static string Project => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName;

    /// <summary>Runs a program of <c>clients/</c> with Node.js.</summary>
    public static Task<ClientRun> NodeAsync(KeyturnProcess keyturn, string program, params string[] arguments)
    {
        var beside = Path.Combine(NodeModules, "..", "clients", program);
        return RunAsync(keyturn, "node", ["--no-warnings", beside, .. arguments]);
    }

    /// <summary>Runs a program that an npm package installs, whose provider's address is a constant: <c>clients/elsewhere.mjs</c> swaps the origin inside fetch, and nothing else.</summary>
    public static Task<ClientRun> NodePackageAsync(KeyturnProcess keyturn, string program, params string[] arguments) => RunAsync(
        keyturn, "node", ["--no-warnings", "--import", Path.Combine(Project, "clients", "elsewhere.mjs"), Path.Combine(NodeModules, program), .. arguments]);

    /// <summary>Runs a program of <c>clients/</c> with the operating system's Python.</summary>
    public static async Task<ClientRun> PythonAsync(KeyturnProcess keyturn, string module, string program, params string[] arguments)
    {
        var found = await RunAsync(keyturn, "/usr/bin/python3", ["-c", $"import {module}"]);
        Assert.SkipUnless(found.ExitCode == 0, $"Debian's Python has no {module}");
        return await RunAsync(keyturn, "/usr/bin/python3", [Path.Combine(Project, "clients", program), .. arguments]);
    }

    private static async Task<ClientRun> RunAsync(KeyturnProcess keyturn, string command, string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["KEYTURN_ADDRESS"] = keyturn.Address.GetLeftPart(UriPartial.Authority);
        start.Environment["KEYTURN_TOKEN"] = keyturn.Token;
        start.Environment["NODE_EXTRA_CA_CERTS"] = start.Environment["REQUESTS_CA_BUNDLE"] = start.Environment["SSL_CERT_FILE"] = keyturn.CertificatePath;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} {string.Join(' ', arguments)} did not end.", late);
        }

        return new ClientRun(process.ExitCode, (await output).Trim(), (await errors).Trim());
    }
}
