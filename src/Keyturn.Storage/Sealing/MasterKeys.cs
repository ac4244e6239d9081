namespace Keyturn.Storage.Sealing;

/// <summary>The master keys that a process was given: one, and while a store is re-wrapped the one before it.</summary>
/// <param name="Current">Wraps new data keys.</param>
/// <param name="Old">Opens data keys that are not re-wrapped yet.</param>
public sealed record MasterKeys(MasterKey Current, MasterKey? Old = null)
{
    /// <summary>Reads one key as base64, or the current one and after it the old one, with white space between.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: it is something else.</exception>
    public static MasterKeys Parse(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var current, var old] => new MasterKeys(MasterKey.Parse(current), MasterKey.Parse(old)),
        _ => new MasterKeys(MasterKey.Parse(text)),
    };

    /// <summary>The keys in <see cref="MasterKey.EnvironmentVariable"/>; null when it is not set.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>: it is set and holds no key.</exception>
    public static MasterKeys? FromEnvironment() =>
        Environment.GetEnvironmentVariable(MasterKey.EnvironmentVariable) is { Length: > 0 } text ? Parse(text) : null;

    /// <summary>The keys in a file, or where none is named those of the environment; null where there are none either.</summary>
    /// <exception cref="StoreException"><see cref="StoreFault.MasterKey"/>.</exception>
    public static async Task<MasterKeys?> FindAsync(string? path, CancellationToken cancel) =>
        path is null ? FromEnvironment() : await MasterKeyFile.ReadAsync(path, cancel);

    internal MasterKey? Find(string id) => Current.Id == id ? Current : Old?.Id == id ? Old : null;
}
