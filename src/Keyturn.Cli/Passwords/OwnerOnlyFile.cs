using Keyturn.Passwords;

namespace Keyturn.Cli.Passwords;

/// <summary>
/// A file for a secret that is still to come, readable by its owner only (0600). It is made before the server is asked, so that a full
/// disk or a wrong path is found out before a password changes; its name is given to it when the secret is in.
/// </summary>
internal sealed class OwnerOnlyFile : IDisposable
{
    private readonly string _path;
    private readonly bool _overwrite;
    private readonly string _draft;

    private OwnerOnlyFile(string path, bool overwrite, string draft)
    {
        _path = path;
        _overwrite = overwrite;
        _draft = draft;
    }

    /// <exception cref="CommandFailure">There is a file of that name, or none can be made there.</exception>
    public static OwnerOnlyFile Create(string path, bool overwrite)
    {
        if (!overwrite && Path.Exists(path))
        {
            throw CommandFailure.Usage($"there is a file at {path} already: allow it to be replaced with --force, or name another.");
        }

        var draft = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using var file = new FileStream(draft, Options());
            return new OwnerOnlyFile(path, overwrite, draft);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Usage($"no file can be made at {path}: {e.Message}", e);
        }
    }

    /// <summary>Writes the secret, without a line end, and gives the file its name.</summary>
    /// <exception cref="CommandFailure">It could not be written: the disk has filled since, or a file of that name has appeared.</exception>
    public void Keep(Secret secret)
    {
        try
        {
            File.WriteAllText(_draft, secret.Reveal());
            File.Move(_draft, _path, _overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Undecided, $"the rest is done, but {_path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Leaves nothing behind where there was nothing to keep.</summary>
    public void Dispose() => File.Delete(_draft);

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
