using System.Globalization;
using Keyturn.Fuzz;

// script/fuzz starts this: it has built it.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return await FuzzCommand.Create().Parse(args).InvokeAsync();
