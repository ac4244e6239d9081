using System.Net;
using System.Net.Sockets;

namespace Keyturn.Wire;

/// <summary>
/// Addresses at which no database is, but what gives out a machine's credentials: link-local ones, and those at which clouds keep metadata. Whoever may
/// register an instance could have Keyturn speak to them.
/// </summary>
public static class PeerAddress
{
    /// <summary>Switch of <see cref="AppContext"/> with which they are connected to all the same.</summary>
    public const string AllowSwitch = "Keyturn.AllowLinkLocal";

    private static readonly IPNetwork[] Refused =
    [
        // RFC 3927 and RFC 4291 §2.5.6. The metadata of AWS, Azure, Google and Huawei is at 169.254.169.254.
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fe80::/10"),
        // Metadata elsewhere: Alibaba, Azure's wire server, Oracle, and AWS and Google by IPv6.
        IPNetwork.Parse("100.100.100.200/32"), IPNetwork.Parse("168.63.129.16/32"), IPNetwork.Parse("192.0.0.192/32"), IPNetwork.Parse("fd00:ec2::254/128"), IPNetwork.Parse("fd20:ce::254/128"),
    ];

    /// <summary>IPv4 in the last 32 bits: NAT64 (RFC 6052 §2.1, RFC 8215), and the old IPv4-compatible form (RFC 4291 §2.5.5.1).</summary>
    private static readonly IPNetwork[] InLastBytes = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("::/96")];

    /// <summary>RFC 3056.</summary>
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Throws where nothing is to be sent to <paramref name="address"/>, which <paramref name="host"/> is at.</summary>
    /// <exception cref="WireException">It is such an address.</exception>
    public static void Refuse(IPAddress address, string host)
    {
        if (IsRefused(address))
        {
            throw new WireException(WireFault.Unreachable, $"{host} is at {address}, a link-local or metadata address, which is spoken to only by a server started with --allow-link-local");
        }
    }

    /// <summary>Whether nothing is to be sent to <paramref name="address"/>.</summary>
    public static bool IsRefused(IPAddress address)
    {
        var plain = Embedded(address) ?? address;
        return Refused.Any(network => network.Contains(plain)) && !(AppContext.TryGetSwitch(AllowSwitch, out var isAllowed) && isAllowed);
    }

    /// <summary>The IPv4 address that packets to an IPv6 one may reach; null where there is none in it.</summary>
    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = address.GetAddressBytes();
        return address.IsIPv4MappedToIPv6 || InLastBytes.Any(network => network.Contains(address)) ? new IPAddress(bytes[12..])
            : SixToFour.Contains(address) ? new IPAddress(bytes[2..6])
            : null;
    }
}
