using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Keyturn.Storage;

namespace Keyturn.Server.Hosting;

/// <summary>The certificate that the server shows: the operator's, or one it makes for development.</summary>
internal static class ServerCertificate
{
    private const int MaxPemLength = 1024 * 1024;
    private static readonly TimeSpan DevelopmentValidity = TimeSpan.FromDays(365);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(7);

    /// <summary>Where the development certificate lies, for clients to trust it.</summary>
    public static string DevelopmentPath(ServerOptions options) => Beside(options) + ".dev-cert.pem";

    private static string DevelopmentKeyPath(ServerOptions options) => Beside(options) + ".dev-key.pem";

    /// <summary>The store's file; a store that is none has nothing beside it, so that it is the user's own folder.</summary>
    private static string Beside(ServerOptions options) => Store.IsPostgreSql(options.Store)
        ? Path.Combine(Directory.CreateDirectory(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "keyturn")).FullName, "keyturn")
        : options.Store;

    /// <summary>The leaf with its private key first, then the rest of the chain; null where no address needs one.</summary>
    /// <exception cref="IOException">A file cannot be read or holds no such thing.</exception>
    public static X509Certificate2Collection? Load(ServerOptions options, TimeProvider clock)
    {
        if (!options.Urls.Concat(options.Dialects.Select(dialect => dialect.Url)).Any(url => ListenAddress.TryParse(url) is { IsTls: true }))
        {
            return null;
        }

        if (options is { CertificatePath: { } certificate, CertificateKeyPath: { } key })
        {
            return Read(certificate, key);
        }

        var (path, keyPath) = (DevelopmentPath(options), DevelopmentKeyPath(options));
        if (!File.Exists(path) || !File.Exists(keyPath) || !IsGood(Read(path, keyPath)[0], options, clock))
        {
            MakeDevelopmentCertificate(path, keyPath, options, clock.GetUtcNow());
        }

        return Read(path, keyPath);
    }

    private static X509Certificate2Collection Read(string path, string keyPath)
    {
        try
        {
            var (chain, pem) = (new X509Certificate2Collection(), ReadPem(path));
            chain.ImportFromPem(pem);
            chain[0] = X509Certificate2.CreateFromPem(pem, ReadPem(keyPath));
            return chain;
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} and {keyPath} are not a PEM certificate and its private key: {fault.Message}", fault);
        }
    }

    /// <summary>A path may be that of the wrong file, or of a device, which has no end.</summary>
    private static string ReadPem(string path)
    {
        var text = new char[MaxPemLength];
        using var reader = new StreamReader(path);
        var length = reader.ReadBlock(text);
        return length < MaxPemLength ? new string(text, 0, length) : throw new IOException($"{path} is longer than {MaxPemLength} characters, and no PEM file.");
    }

    /// <summary>Not about to expire, and for all the names and addresses that dialects are called by now.</summary>
    private static bool IsGood(X509Certificate2 certificate, ServerOptions options, TimeProvider clock)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        return certificate.NotAfter >= clock.GetLocalNow().DateTime + RenewBefore
            && !DialectNames(options).Except(names.SelectMany(extension => extension.EnumerateDnsNames()), StringComparer.OrdinalIgnoreCase).Any()
            && !DialectAddresses(options).Except(names.SelectMany(extension => extension.EnumerateIPAddresses())).Any();
    }

    private static IEnumerable<string> DialectNames(ServerOptions options) =>
        options.Dialects.Select(dialect => dialect.HostName).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>Dialects are often told apart by further loopback addresses (127.0.0.2, …).</summary>
    private static IEnumerable<IPAddress> DialectAddresses(ServerOptions options) =>
        options.Dialects.Select(dialect => ListenAddress.TryParse(dialect.Url)?.Address).OfType<IPAddress>().Distinct();

    private static void MakeDevelopmentCertificate(string path, string keyPath, ServerOptions options, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Keyturn development", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var name in DialectNames(options))
        {
            names.AddDnsName(name);
        }

        foreach (var address in DialectAddresses(options))
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + DevelopmentValidity);

        WriteOwnerOnly(keyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n");
    }

    private static void WriteOwnerOnly(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Delete(path);
        using var writer = new StreamWriter(path, options);
        writer.WriteLine(text);
    }
}
