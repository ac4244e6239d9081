using Keyturn.Cli.Passwords;
using Keyturn.Passwords;

namespace Keyturn.Cli.Fleet;

/// <summary>
/// The present passwords of admin logins, where they are needed: to register an instance, and to give it another admin login. Otherwise Keyturn has
/// them, and may have rotated them since the file was written.
/// </summary>
internal sealed class AdminPasswords(Terminal terminal)
{
    private readonly Dictionary<string, Secret> _passwords = new(StringComparer.Ordinal);

    public Secret? Find(string instance) => _passwords.GetValueOrDefault(instance);

    /// <summary>Reads those that have a source, and says which cannot be had.</summary>
    /// <param name="plans">What is to be done.</param>
    /// <param name="faults">Takes what is wrong.</param>
    /// <param name="mayAsk">Whether a person may be asked for those without a source, later.</param>
    /// <param name="cancel">The person has enough.</param>
    public async Task ReadAsync(IEnumerable<InstancePlan> plans, List<Fault> faults, bool mayAsk, CancellationToken cancel)
    {
        foreach (var declared in plans.Where(plan => plan.NeedsAdminPassword).Select(plan => plan.Declared))
        {
            if (declared.AdminPassword is not { } source)
            {
                if (!mayAsk)
                {
                    faults.Add(new Fault(declared.At, $"{declared.Name}: the admin login's present password is needed, and there is no terminal to ask for it on: name it with password_file or password_env."));
                }

                continue;
            }

            try
            {
                _passwords[declared.Name] = await ReadAsync(source, cancel);
            }
            catch (CommandFailure failure)
            {
                faults.Add(new Fault(declared.At, $"{declared.Name}: {failure.Message}"));
            }
        }
    }

    /// <summary>Asks the person in front of the terminal for the others.</summary>
    public async Task AskAsync(IEnumerable<InstancePlan> plans, CancellationToken cancel)
    {
        foreach (var declared in plans.Where(plan => plan.NeedsAdminPassword && Find(plan.Declared.Name) is null).Select(plan => plan.Declared))
        {
            _passwords[declared.Name] = await PasswordInput.AskAsync(terminal, $"Present password of the admin login of {declared.Name}", cancel);
        }
    }

    private async Task<Secret> ReadAsync(PasswordSource source, CancellationToken cancel) => source switch
    {
        { File: { } file } => await PasswordInput.ReadFileAsync(file, cancel),
        { Variable: var name } => terminal.Environment(name!) is { Length: > 0 } value ? new Secret(value) : throw CommandFailure.Usage($"there is nothing in the variable {name} of the environment."),
    };
}
