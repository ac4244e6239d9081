using Keyturn.Server.Doors;
using Microsoft.AspNetCore.Authentication;

namespace Keyturn.Server.Dialects.HuaweiIam;

/// <summary>What the doors of GaussDB, DDM and DDS have in common: who comes in, the gateway's errors, and IAM beside them.</summary>
internal static class HuaweiDoors
{
    /// <summary>How request ids are written: 32 hexadecimal digits.</summary>
    public const string RequestIdFormat = "N";

    /// <summary>The door of a service.</summary>
    public static Door Of(string name, HuaweiService service, string paths) => new(name)
    {
        Paths = paths,
        IsAskedBy = request => HuaweiServices.Of(request) == service,
        Scheme = HuaweiHandler.SchemeName,
        WriteErrorAsync = HuaweiErrors.WriteAsync,
        RequestIdFormat = RequestIdFormat,
        Companion = HuaweiIamDialect.Door,
    };

    /// <summary>The scheme, and what it and IAM stand on.</summary>
    public static void AddHuawei(this IServiceCollection services)
    {
        new AuthenticationBuilder(services).AddScheme<HuaweiOptions, HuaweiHandler>(HuaweiHandler.SchemeName, configureOptions: null);
        services.AddSingleton<SignedCalls>().AddSingleton<SignIn>();
    }
}
