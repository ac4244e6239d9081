using Keyturn.Instances;

namespace Keyturn.Engines.MySql;

/// <summary>One way to authenticate, as it is to be.</summary>
/// <param name="Plugin">The server's name of the plugin.</param>
/// <param name="Text">The verifier, the clear password, or what the plugin had stored and keeps.</param>
/// <param name="IsClear">Whether the text is a clear password, which the server hashes.</param>
internal sealed record NewMethod(string Plugin, string Text, bool IsClear = false);

/// <summary>A row, and all its ways to authenticate.</summary>
internal sealed record NewMethods(AccountName Row, IReadOnlyList<NewMethod> Methods);
