using System.Globalization;
using Keyturn.Cli;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return await KeyturnCommand.RunAsync(args, Terminal.OfProcess());
