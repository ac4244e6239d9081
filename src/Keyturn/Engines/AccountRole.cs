namespace Keyturn.Engines;

/// <summary>What an account may do: a role of MongoDB, a privilege on a database of MySQL and MariaDB.</summary>
/// <param name="Name">Name of the role, or the privilege in capitals.</param>
/// <param name="Database">The database that the role is defined in, or that the privilege is for.</param>
public sealed record AccountRole(string Name, string Database);
