namespace Keyturn.Engines;

/// <summary>MongoDB: what an account may do.</summary>
/// <param name="Name">Name of the role.</param>
/// <param name="Database">The database that the role is defined in.</param>
public sealed record AccountRole(string Name, string Database);
