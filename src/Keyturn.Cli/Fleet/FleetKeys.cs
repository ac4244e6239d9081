using System.Text.Json.Nodes;

namespace Keyturn.Cli.Fleet;

/// <summary>What the value of a key is.</summary>
internal enum ValueKind
{
    Text,
    Choice,
    Whole,
    Number,
    Flag,

    /// <summary>Names with texts.</summary>
    Texts,

    /// <summary>The name of a file; what is in it is the value of <see cref="FleetKey.Member"/>.</summary>
    File,

    /// <summary>Keys of its own.</summary>
    Section,

    /// <summary>A list of sections.</summary>
    Sections,

    /// <summary>A list that somebody else reads.</summary>
    List,

    /// <summary>Nothing: a secret, or what such a file cannot say.</summary>
    Refused,
}

/// <summary>A key of a fleet file. It is called what the API's member is called.</summary>
internal sealed record FleetKey(string Name, ValueKind Kind)
{
    /// <summary>The member of the API's object that it becomes.</summary>
    public string Member { get; init; } = Name;

    public bool IsRequired { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What is meant where the file says "nothing" (<c>~</c>); null for none at all.</summary>
    public JsonNode? Default { get; init; }

    public IReadOnlyList<FleetKey> Keys { get; init; } = [];

    /// <summary>Why it is refused, and what to write instead.</summary>
    public string Instead { get; init; } = "";
}

/// <summary>All that a fleet file may say. Docs: fleet.md.</summary>
internal static class FleetKeys
{
    /// <summary>Its instances are read one by one: <see cref="FleetReader"/>.</summary>
    public static readonly FleetKey[] Document = [new("instances", ValueKind.List) { IsRequired = true }];

    public static readonly FleetKey[] Node =
    [
        new("host", ValueKind.Text) { IsRequired = true },
        new("port", ValueKind.Whole) { IsRequired = true },
        new("role", ValueKind.Choice) { Choices = ["primary", "replica", "peer"], Default = "primary" },
    ];

    public static readonly FleetKey[] Tls =
    [
        new("mode", ValueKind.Choice) { Choices = ["verify-full", "verify-ca", "require", "disable"], Default = "verify-full" },
        new("ca", ValueKind.Text),
        new("ca_file", ValueKind.File) { Member = "ca" },
        new("server_name", ValueKind.Text),
        new("client_certificate", ValueKind.Text),
        new("client_certificate_file", ValueKind.File) { Member = "client_certificate" },
        new("client_key_file", ValueKind.File) { Member = "client_key" },
        new("client_key", ValueKind.Refused) { Instead = "A private key does not stand in the file: name its own with client_key_file." },
    ];

    public static readonly FleetKey[] Admin =
    [
        new("user", ValueKind.Text),
        new("host", ValueKind.Text),
        new("auth_database", ValueKind.Text),
        new("password_file", ValueKind.Text),
        new("password_env", ValueKind.Text),
        new("password", ValueKind.Refused) { Instead = "A password does not stand in the file: name its own with password_file, or a variable of the environment with password_env." },
    ];

    public static readonly FleetKey[] PasswordPolicy =
    [
        new("min_length", ValueKind.Whole) { Default = Keyturn.Passwords.PasswordPolicy.Default.MinLength },
        new("max_length", ValueKind.Whole) { Default = Keyturn.Passwords.PasswordPolicy.Default.MaxLength },
        new("min_classes", ValueKind.Whole) { Default = Keyturn.Passwords.PasswordPolicy.Default.MinClasses },
        new("specials", ValueKind.Text) { Default = Keyturn.Passwords.PasswordPolicy.Default.Specials },
        new("only_allowed_specials", ValueKind.Flag) { Default = Keyturn.Passwords.PasswordPolicy.Default.OnlyAllowedSpecials },
        new("refuse_name", ValueKind.Flag) { Default = Keyturn.Passwords.PasswordPolicy.Default.RefuseName },
        new("refuse_weak", ValueKind.Flag) { Default = Keyturn.Passwords.PasswordPolicy.Default.RefuseWeak },
        new("generated_length", ValueKind.Whole) { Default = Keyturn.Passwords.PasswordPolicy.Default.GeneratedLength },
    ];

    public static readonly FleetKey[] Account =
    [
        new("user", ValueKind.Text) { IsRequired = true },
        new("host", ValueKind.Text),
        new("auth_database", ValueKind.Text),
        new("proof", ValueKind.Choice) { Choices = ["login", "readback", "none"], Default = "login" },
        new("every", ValueKind.Text),
        new("password", ValueKind.Refused) { Instead = "A password does not stand in the file, and apply takes none: keyturn account adopt --from does." },
    ];

    public static readonly FleetKey[] Instance =
    [
        new("name", ValueKind.Text) { IsRequired = true },
        new("engine", ValueKind.Choice) { IsRequired = true, Choices = ["postgresql", "mysql", "mariadb", "redis", "valkey", "mongodb"] },
        new("nodes", ValueKind.Sections) { IsRequired = true, Keys = Node },
        new("discover", ValueKind.Flag) { Default = false },
        new("admin", ValueKind.Section) { IsRequired = true, Keys = Admin },
        new("main_account", ValueKind.Text),
        new("tls", ValueKind.Section) { Keys = Tls },
        new("send", ValueKind.Choice) { Choices = ["verifier", "clear"], Default = "verifier" },
        new("statement_limit_seconds", ValueKind.Number) { Default = 3 },
        new("status", ValueKind.Choice) { Choices = ["active", "frozen", "abnormal", "creating", "modifying", "restarting", "restoring", "storage-full"], Default = "active" },
        new("password_policy", ValueKind.Section) { Keys = PasswordPolicy },
        new("tags", ValueKind.Texts),
        new("attributes", ValueKind.Texts),
        new("is_clone", ValueKind.Flag) { Default = false },
        new("accounts", ValueKind.Sections) { Keys = Account },
    ];
}
