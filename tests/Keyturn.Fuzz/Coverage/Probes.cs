using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Keyturn.Fuzz.Coverage;

/// <summary>
/// Puts a count before each block: a method's first instruction, what is jumped to, what follows a jump that may not be taken, and handlers. Both
/// ways out of a condition are seen so, by the one that goes on.
/// </summary>
internal sealed class Probes
{
    private int _blocks;

    public void PutInto(ModuleDefinition module, Func<TypeDefinition, bool> isWanted)
    {
        var counts = module.ImportReference(typeof(Blocks).GetField(nameof(Blocks.Counts)));
        var methods = module.Types.Where(isWanted).SelectMany(WithNested).SelectMany(type => type.Methods).Where(method => method.HasBody);
        foreach (var body in methods.Select(method => method.Body))
        {
            // A probe pushes targets further away than short jumps reach.
            body.SimplifyMacros();
            foreach (var first in FirstsOf(body))
            {
                PutBefore(body, first, counts);
            }

            body.OptimizeMacros();
        }
    }

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);

    private static HashSet<Instruction> FirstsOf(MethodBody body)
    {
        HashSet<Instruction> firsts = [body.Instructions[0], .. body.ExceptionHandlers.Select(handler => handler.HandlerStart), .. body.ExceptionHandlers.Select(handler => handler.FilterStart).OfType<Instruction>()];
        foreach (var instruction in body.Instructions)
        {
            firsts.UnionWith(instruction.Operand switch { Instruction target => [target], Instruction[] targets => targets, _ => [] });
            if (instruction.OpCode.FlowControl == FlowControl.Cond_Branch && instruction.Next is { } next)
            {
                firsts.Add(next);
            }
        }

        return firsts;
    }

    /// <summary>The instruction itself becomes the probe's first and a copy of it follows: so whatever jumps to it, or begins with it, meets the probe.</summary>
    private void PutBefore(MethodBody body, Instruction first, FieldReference counts)
    {
        if (_blocks == Blocks.Most)
        {
            throw new InvalidOperationException($"There are more than {Blocks.Most} blocks.");
        }

        var itself = Instruction.Create(OpCodes.Nop);
        (itself.OpCode, itself.Operand) = (first.OpCode, first.Operand);
        (first.OpCode, first.Operand) = (OpCodes.Ldsfld, counts);
        Instruction[] rest =
        [
            Instruction.Create(OpCodes.Ldc_I4, _blocks++), Instruction.Create(OpCodes.Ldelema, body.Method.Module.TypeSystem.Byte), Instruction.Create(OpCodes.Dup), Instruction.Create(OpCodes.Ldind_U1),
            Instruction.Create(OpCodes.Ldc_I4_1), Instruction.Create(OpCodes.Add), Instruction.Create(OpCodes.Stind_I1), itself,
        ];
        var at = body.Instructions.IndexOf(first);
        foreach (var instruction in rest)
        {
            body.Instructions.Insert(++at, instruction);
        }
    }
}
