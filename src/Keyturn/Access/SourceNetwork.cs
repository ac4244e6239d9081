using System.Net;
using System.Net.Sockets;

namespace Keyturn.Access;

/// <summary>Who is counted by where a call comes from.</summary>
public static class SourceNetwork
{
    /// <summary>An address of IPv4; of IPv6 the network of 64 bits, which is one host's and has as many addresses as it likes.</summary>
    public static string Of(IPAddress address) => address switch
    {
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };

    /// <summary>The same of <see cref="Caller.Source"/>; what is no address stands for itself.</summary>
    public static string Of(string source) => IPAddress.TryParse(source, out var address) ? Of(address) : source;
}
