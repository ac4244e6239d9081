using System.CommandLine;
using Keyturn.Cli.Api;
using Keyturn.Cli.Output;

namespace Keyturn.Cli.Commands;

/// <summary><c>keyturn audit export</c></summary>
internal static class AuditExportCommand
{
    private const int PageSize = 1000;

    public static Command Create(ClientOptions client)
    {
        var filter = new AuditFilterOptions();
        var to = new Option<string?>("--to") { Description = "Into this file, which is not there yet [else to the output]", HelpName = "FILE" };
        var after = new Option<long>("--after") { Description = "Only what follows this sequence: the last one of an earlier export" };
        var command = new Command("export", "Write the whole audit log of the project, oldest first, a line of JSON an entry") { to, after };
        filter.AddTo(command);
        client.SetAction(command, async (parse, session, cancel) =>
        {
            if (parse.GetValue(to) is not { } path)
            {
                return await ExportAsync(parse, session, filter, parse.GetValue(after), session.Terminal.Out, cancel);
            }

            return await IntoFileAsync(path, file => ExportAsync(parse, session, filter, parse.GetValue(after), file, cancel));
        });
        return command;
    }

    /// <summary>All pages, to the one that is not full.</summary>
    private static async Task<ExitCode> ExportAsync(ParseResult parse, Session session, AuditFilterOptions filter, long after, TextWriter output, CancellationToken cancel)
    {
        for (var count = PageSize; count == PageSize;)
        {
            var answer = await session.SendQuietlyAsync(filter.Request(parse, PageSize, after), cancel);
            if (!answer.IsSuccess)
            {
                return session.Write(answer, _ => { });
            }

            count = 0;
            foreach (var entry in answer.Body.Items("entries"))
            {
                await output.WriteLineAsync(entry.GetRawText());
                (after, count) = (entry.GetProperty("sequence").GetInt64(), count + 1);
            }
        }

        return ExitCode.Done;
    }

    /// <summary>Under its own name there is never half an export.</summary>
    private static async Task<ExitCode> IntoFileAsync(string path, Func<TextWriter, Task<ExitCode>> write)
    {
        var partial = $"{path}.partial";
        if (Path.Exists(path))
        {
            throw CommandFailure.Usage($"{path} is there already: an export overwrites nothing.");
        }

        try
        {
            ExitCode end;
            await using (var file = new StreamWriter(partial))
            {
                end = await write(file);
            }

            if (end == ExitCode.Done)
            {
                File.Move(partial, path);
            }

            return end;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"{path} cannot be written: {e.Message}", e);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
