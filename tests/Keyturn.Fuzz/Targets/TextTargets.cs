using System.Text;
using Keyturn.Access;
using Keyturn.Access.Policies;
using Keyturn.Cli.Fleet;
using Keyturn.Engines.MongoDb;
using Keyturn.Engines.MySql;
using Keyturn.Engines.PostgreSql;
using Keyturn.Engines.Redis;
using Keyturn.Passwords;
using Keyturn.Server.Dialects.HuaweiIam.Signatures;
using Keyturn.Server.Hosting;
using Keyturn.Storage;
using Keyturn.Storage.Tables;
using Keyturn.Wire;
using Microsoft.AspNetCore.Http;

namespace Keyturn.Fuzz.Targets;

/// <summary>Texts that callers, operators and servers write, each to the function that reads it.</summary>
internal static class TextTargets
{
    public static IEnumerable<FuzzTarget> All() =>
    [
        new TextTarget("signature", Signature, "SDK-HMAC-SHA256 ", "V11-HMAC-SHA256 ", "Access=", "Credential=", "SignedHeaders=", "Signature=", "/sdk_request", "x-sdk-date", ";", ", ", "%2F", "%", "&", "\n"),
        new TextTarget("policy", Policy, "\"Version\":\"5.0\"", "\"Version\":\"1.1\"", "\"NotAction\"", "\"Condition\"", "\"StringLikeIfExists\"", "\"g:ResourceTag/a\"", "\"IpAddress\"", "*", "?", "\\ud800", "ddm:*:*:instance:*"),
        new TextTarget("fleet", Fleet, "instances:\n", "- name: a\n", "  nodes:\n", "&a ", "*a", "<<: ", "!!binary ", "~", "|\n", ">\n", "? ", "---\n", "...\n", "%YAML 1.2\n", "\"\\uD800\"", "[", "{", "\t", "\ufeff", "every: 30d", "accounts:") { MaxLength = 256 * 1024 },
        new TextTarget("scopes", StoredScopes, "*", "keyturn:account:*", "database:read", "null", "[", "\",\""),
        new TextTarget("connection-string", MongoDbAddress, "mongodb://", "mongodb+srv://", "%", "@", ",", "[::1]", ":27017", "?", "&", "tls=true", "authSource=", "replicaSet=", "srvServiceName="),
        new TextTarget("stored-password", PostgreSqlVerifier, "SCRAM-SHA-256$", "4096:", "md5", "$", ":", "=") { MaxLength = 4096 },
        new TextTarget("server-text", ServerText, "user ", "on ", "#", ">", "~", "+@all", "(~x +get)", "id=", "addr=", "name=", "redis_version:", "# Server\r\n", "/255.255.255.0", "%", "_", "`", "'@'") { MaxLength = 256 * 1024 },
        new TextTarget("path", Path, "%2F", "%", "%00", "%c0%af", "%ed%a0%80", ".."),
    ];

    /// <summary>The <c>Authorization</c> header, and after a line feed the target and the body that it signs.</summary>
    private static string Signature(byte[] input)
    {
        var parts = Utf8(input).Split('\n', 3);
        if (!SignatureHeader.TryParse(parts[0], out var header))
        {
            return $"none {SignatureHeader.IsMeant(parts[0])}";
        }

        var target = parts.ElementAtOrDefault(1) ?? "/";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var headers = new HeaderDictionary { ["X-Sdk-Date"] = "20260101T000000Z", ["Host"] = "keyturn.example" };
        var request = new SignedRequest(
            "POST", query < 0 ? target : target[..query], query < 0 ? "" : target[(query + 1)..], headers, Encoding.UTF8.GetBytes(parts.ElementAtOrDefault(2) ?? ""));
        var isGood = SignatureCheck.IsGood(header, request, new Secret("sk"));
        return $"{header.Layout} {header.SignedHeaders.Count} {isGood} {SigningTime.IsAccepted(header, request, new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero), TimeSpan.FromMinutes(15))}";
    }

    private static string Policy(byte[] input)
    {
        var reading = PolicyReader.Read(Utf8(input));
        return reading.Document is { } document
            ? $"{document.Kind} {document.Statements.Count} {document.UnknownActions().Count()}"
            : string.Join('|', reading.Violations.Take(2).Select(violation => FuzzTarget.Shape(violation.Sentence)));
    }

    private static string Fleet(byte[] input)
    {
        var reader = new FleetReader();
        reader.Read("fleet.yaml", System.IO.Path.GetTempPath(), input);
        return $"{reader.Instances.Count} {string.Join('|', reader.Faults.Take(2).Select(fault => FuzzTarget.Shape(fault.Sentence)))}";
    }

    private static string StoredScopes(byte[] input)
    {
        try
        {
            return $"{ScopesColumn.Read(Utf8(input)).Names.Count} {Scopes.TryParse([Utf8(input)]) is not null}";
        }
        catch (StoreException fault)
        {
            return fault.Fault.ToString();
        }
    }

    private static string MongoDbAddress(byte[] input)
    {
        var answer = ConnectionString.Parse(Utf8(input));
        return answer.Value is { } read ? $"{read.IsSrv} {read.Hosts.Count} {read.Tls}" : FuzzTarget.Shape(answer.Failure!.Detail);
    }

    private static string PostgreSqlVerifier(byte[] input) => StoredPassword.Compare(Utf8(input), "app", "S3same-open").Verdict.ToString();

    /// <summary>What Redis lists as lines, and how MySQL writes hosts.</summary>
    private static string ServerText(byte[] input)
    {
        var text = Utf8(input);
        var line = text.Split('\n')[0];
        var (name, _) = AclUser.FromRule(line);
        var isHost = line.Length <= 255 && HostPattern.MayMatch(line, "10.1.2.3");
        return $"{ClientLine.ReadAll(text).Take(4).Count()} {name.User.Length > 0} {isHost} {HasHost(line)} {HostNetwork.TryParse(line) is not null}";
    }

    private static string HasHost(string account)
    {
        try
        {
            return $"{Keyturn.Engines.MySql.ServerFacts.ParseAccount(account).Host?.Length > 0}";
        }
        catch (WireException)
        {
            return "none";
        }
    }

    private static string Path(byte[] input) => PathText.TryParse(Utf8(input), out var path) ? $"{int.Log2(1 + path.Text.Length)}" : "none";

    private static string Utf8(byte[] input) => Encoding.UTF8.GetString(input);
}
