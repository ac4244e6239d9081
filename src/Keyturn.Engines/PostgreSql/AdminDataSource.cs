using Keyturn.Wire;
using Npgsql;

namespace Keyturn.Engines.PostgreSql;

/// <summary>The driver's settings for the admin login.</summary>
internal static class AdminDataSource
{
    // Host: an address of the target's, or its local socket; its certificate is to be for the target.
    // A data source of one connection: the driver would keep one made from a connection string, password and all, for the life of the process.
    public static NpgsqlDataSource Build(Target target, string host, Credential admin, WireTls tls)
    {
        var isLocalSocket = Path.IsPathRooted(target.Node.Host);
        var isEncrypted = tls.Mode != WireTlsMode.Disable && !isLocalSocket;
        var builder = new NpgsqlSlimDataSourceBuilder
        {
            ConnectionStringBuilder =
            {
                Host = host,
                Port = target.Node.Port,
                Username = admin.Account.User,
                Password = admin.Password.Reveal(),
                Database = "postgres",
                ApplicationName = "keyturn",
                Pooling = false,
                IncludeErrorDetail = false,
                GssEncryptionMode = GssEncryptionMode.Disable,

                // Whom to trust is decided below, by the settings that our own connections have; the driver is told to encrypt, or not.
                SslMode = isEncrypted ? SslMode.Require : SslMode.Disable,

                // Our tokens carry all limits but one: the driver's blocking request to cancel a statement obeys this only.
                Timeout = Math.Max(1, (int)Math.Ceiling(target.ConnectLimit.TotalSeconds)),
                CommandTimeout = 0,
                CancellationTimeout = -1,
            },
        };
        builder.ConfigureTypeLoading(options => options.EnableTypeLoading(false));
        if (isEncrypted)
        {
            builder.EnableTransportSecurity();
            builder.UseSslClientAuthenticationOptionsCallback(handshake => tls.ApplyTo(handshake, target.Node.Host));
        }

        if (!isLocalSocket && tls.Mode is WireTlsMode.Require or WireTlsMode.Disable)
        {
            // Whatever the server asks for, the clear password does not go to a peer that nobody has verified.
            builder.ConnectionStringBuilder.RequireAuth = "!Password";
        }

        return builder.Build();
    }
}
