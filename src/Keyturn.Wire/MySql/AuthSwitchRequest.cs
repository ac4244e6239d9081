using System.Text;

namespace Keyturn.Wire.MySql;

/// <summary>Protocol::AuthSwitchRequest: the account uses another plugin; here is its challenge.</summary>
/// <remarks>https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_auth_switch_request.html</remarks>
internal sealed record AuthSwitchRequest(string AuthPlugin, byte[] Nonce)
{
    public const byte Header = 0xFE;

    /// <summary>A lone header byte is the old request (Protocol::OldAuthSwitchRequest), which means mysql_old_password.</summary>
    public static AuthSwitchRequest Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload[1..]);
        if (reader.Left == 0)
        {
            return new AuthSwitchRequest("mysql_old_password", []);
        }

        var plugin = Encoding.UTF8.GetString(reader.NullTerminated());
        var nonce = reader.Rest();

        // Every plugin but client_ed25519 and parsec ends its challenge with a NUL that is not part of it.
        return new AuthSwitchRequest(plugin, (nonce is [.. var challenge, 0] && challenge.Length == 20 ? challenge : nonce).ToArray());
    }
}
