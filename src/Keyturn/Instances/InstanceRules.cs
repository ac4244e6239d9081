using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Engines;

namespace Keyturn.Instances;

/// <summary>What a draft of an instance must be; all problems at once.</summary>
internal static class InstanceRules
{
    private const int MaxNodes = 64;
    private const int MaxTags = 64;
    private static readonly TimeSpan MinStatementLimit = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxStatementLimit = TimeSpan.FromSeconds(30);

    public static IEnumerable<Violation> Broken(InstanceDraft draft, EngineCatalog engines, bool passwordNeeded)
    {
        if (draft.Name.Length is 0 or > 64 || !draft.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            yield return new Violation("name", "A name is 1 to 64 letters, digits, '.', '_' or '-'.");
        }

        if (IsId(draft.Name))
        {
            yield return new Violation("name", "A name is no UUID: instances are called by name or by id.");
        }

        if (!engines.TryGet(draft.Engine, out var engine))
        {
            yield return new Violation("engine", $"The engine is one of {string.Join(", ", engines.Names)}.");
        }
        else if (engine.Validate(draft.Admin) is { } invalid)
        {
            yield return new Violation("admin", $"The admin login: {invalid.Detail}");
        }

        if (passwordNeeded && draft.AdminPassword is null)
        {
            yield return new Violation("admin-password", "The admin login's present password is needed; it is proved by a login and not changed.");
        }

        if (draft.StatementLimit < MinStatementLimit || draft.StatementLimit > MaxStatementLimit)
        {
            yield return new Violation("statement-limit", "The statement limit is between 0.1 and 30 seconds.");
        }

        if (draft.Tags.Count > MaxTags || draft.Tags.Any(tag => tag.Key.Length is 0 or > 128 || tag.Value.Length > 256))
        {
            yield return new Violation("tags", "There are at most 64 tags, with keys of 1 to 128 and values of up to 256 characters.");
        }

        if (draft.Attributes.Keys.FirstOrDefault(name => !InstanceAttribute.Names.Contains(name)) is not null || draft.Attributes.Values.Any(value => value.Length is 0 or > 256))
        {
            yield return new Violation("attributes", $"Attributes have values of 1 to 256 characters and are: {string.Join(", ", InstanceAttribute.Names.Order(StringComparer.Ordinal))}.");
        }

        foreach (var violation in NodeProblems(draft).Concat(TlsProblems(draft)).Concat(draft.PasswordPolicy.Problems()))
        {
            yield return violation;
        }
    }

    /// <summary>Also with a service's four characters behind it, as at Huawei's doors: policies name instances by any of these.</summary>
    private static bool IsId(string name) => Guid.TryParse(name, out _) || (name.Length == 36 && Guid.TryParseExact(name[..32], "N", out _));

    private static IEnumerable<Violation> NodeProblems(InstanceDraft draft)
    {
        if (draft.Nodes.Count is 0 or > MaxNodes || draft.Nodes.Select(node => node.Address).Distinct(StringComparer.OrdinalIgnoreCase).Count() != draft.Nodes.Count)
        {
            yield return new Violation("nodes", "There are 1 to 64 nodes, each address once.");
        }

        foreach (var node in draft.Nodes.Where(node => node.Port is < 1 or > 65535 || node.Host.Length is 0 or > 255 || node.Host.Any(c => c is <= ' ' or '\x7f')))
        {
            yield return new Violation("nodes", $"A node has a host of 1 to 255 printable characters and a port of 1 to 65535: {node}.");
        }
    }

    private static IEnumerable<Violation> TlsProblems(InstanceDraft draft)
    {
        var tls = draft.Tls;
        if (draft.Send == SendMode.Clear && tls.Mode is TlsMode.Require or TlsMode.Disable && !draft.Nodes.All(node => Path.IsPathRooted(node.Host)))
        {
            yield return new Violation("send", "Clear passwords travel only over verified TLS or a local socket.");
        }

        if (tls.CaPem is { } ca && !IsPem(() => ReadCertificates(ca)))
        {
            yield return new Violation("ca", "The CA is one or more PEM certificates.");
        }

        if (tls.ClientCertificatePem is null != tls.ClientKeyPem is null)
        {
            yield return new Violation("client-certificate", "A client certificate comes with its private key, both in PEM.");
        }
        else if (tls.ClientKeyPem is { } key && !IsPem(() => X509Certificate2.CreateFromPem(tls.ClientCertificatePem, key.Reveal()).Dispose()))
        {
            yield return new Violation("client-certificate", "The client certificate and its private key are not a pair in PEM.");
        }
    }

    private static void ReadCertificates(string pem)
    {
        var read = new X509Certificate2Collection();
        read.ImportFromPem(pem);
        if (read.Count == 0)
        {
            throw new CryptographicException("There is no certificate in it.");
        }
    }

    private static bool IsPem(Action parse)
    {
        try
        {
            parse();
            return true;
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
