using System.Collections.Generic;
using Microsoft.Win32.SafeHandles;

namespace NetKeepAlive.Interop.Bpf;

/// <summary>The registers of BPF. R0 is what a call answers, R1 to R5 its arguments, which it leaves undefined; R6 to R9
/// last over calls; R10 is the end of the stack, which grows down.</summary>
internal enum Register
{
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
}

/// <summary>A place in the program that is jumped to.</summary>
internal sealed class Label
{
    internal int Position { get; set; } = -1;
}

/// <summary>
/// Writes a BPF program, one line an instruction, in the words of the kernel's
/// <c>Documentation/bpf/standardization/instruction-set.rst</c>, of which it has what is needed here. Jumps go forward
/// only, so a program ends by construction.
/// </summary>
/// <remarks>An instruction is <c>struct bpf_insn</c> of a little-endian machine: 8 bits of code, 4 of the destination, 4
/// of the source, 16 of the offset, 32 of the constant.</remarks>
internal sealed class Assembler
{
    // Where the second half of a 64-bit constant, or its first, tells that it is a map: BPF_PSEUDO_MAP_FD, _VALUE.
    private const int MapDescriptor = 1;
    private const int MapValue = 2;

    private readonly List<ulong> _code = [];
    private readonly List<(int At, Label To)> _jumps = [];

    /// <summary>The program, its jumps resolved.</summary>
    internal ulong[] Finish()
    {
        foreach ((int at, Label to) in _jumps)
        {
            // An offset counts from the instruction behind the jump.
            _code[at] |= (ulong)(ushort)(to.Position - at - 1) << 16;
        }

        return [.. _code];
    }

    /// <summary>Puts a label before the next instruction.</summary>
    internal void Place(Label label) => label.Position = _code.Count;

    // to = from; to = constant
    internal void Move(Register to, Register from) => Emit(0xbf, to, from);

    internal void Move(Register to, int constant) => Emit(0xb7, to, constant: constant);

    // to op= with
    internal void Add(Register to, Register with) => Emit(0x0f, to, with);

    internal void Add(Register to, int constant) => Emit(0x07, to, constant: constant);

    internal void And(Register to, int constant) => Emit(0x57, to, constant: constant);

    internal void Or(Register to, Register with) => Emit(0x4f, to, with);

    internal void ShiftRight(Register to, Register by) => Emit(0x7f, to, by);

    /// <summary>From the network's byte order, 32 bits.</summary>
    internal void FromNetwork32(Register to) => Emit(0xdc, to, constant: 32);

    // to = *(from + offset), of 8, 32 and 64 bits
    internal void Load8(Register to, Register from, int offset) => Emit(0x71, to, from, offset);

    internal void Load32(Register to, Register from, int offset) => Emit(0x61, to, from, offset);

    internal void Load64(Register to, Register from, int offset) => Emit(0x79, to, from, offset);

    // *(to + offset) = from, or a constant; 32 and 64 bits
    internal void Store64(Register to, int offset, Register from) => Emit(0x7b, to, from, offset);

    internal void Store32(Register to, int offset, Register from) => Emit(0x63, to, from, offset);

    internal void Store32(Register to, int offset, int constant) => Emit(0x62, to, offset: offset, constant: constant);

    /// <summary>*(to + offset) += from, 64 bits, so that no addition of another processor is lost.</summary>
    internal void AtomicAdd64(Register to, int offset, Register from) => Emit(0xdb, to, from, offset);

    /// <summary>to = a map, for calls that take one.</summary>
    internal void LoadMap(Register to, SafeFileHandle map) => LoadWide(to, MapDescriptor, map, 0);

    /// <summary>to = the address of a byte of the value of a map that is an array of one.</summary>
    internal void LoadMapValue(Register to, SafeFileHandle map, int offset) => LoadWide(to, MapValue, map, offset);

    /// <summary>R0 = a function of the kernel, with R1 to R5.</summary>
    internal void Call(int function) => Emit(0x85, Register.R0, constant: function);

    internal void Jump(Label to) => Jump(0x05, Register.R0, 0, to);

    internal void JumpIfZero(Register register, Label to) => Jump(0x15, register, 0, to);

    internal void JumpIfNotZero(Register register, Label to) => JumpUnlessEqual(register, 0, to);

    internal void JumpUnlessEqual(Register register, int constant, Label to) => Jump(0x55, register, constant, to);

    internal void JumpUnlessEqual(Register register, Register other, Label to) => Jump(0x5d, register, 0, to, other);

    internal void JumpUnlessBit(Register register, int bit, Label to)
    {
        // There is only the jump where a bit is set: it skips the other.
        Label set = new();
        Jump(0x45, register, bit, set);
        Jump(to);
        Place(set);
    }

    /// <summary>Ends the program; R0 is its answer.</summary>
    internal void Exit() => Emit(0x95, Register.R0);

    private void Jump(byte code, Register register, int constant, Label to, Register other = Register.R0)
    {
        _jumps.Add((_code.Count, to));
        Emit(code, register, other, constant: constant);
    }

    private void LoadWide(Register to, int kind, SafeFileHandle map, int offset)
    {
        Emit(0x18, to, (Register)kind, constant: (int)map.DangerousGetHandle());
        Emit(0, Register.R0, constant: offset);
    }

    private void Emit(byte code, Register to, Register from = Register.R0, int offset = 0, int constant = 0) =>
        _code.Add(code | (ulong)to << 8 | (ulong)from << 12 | (ulong)(ushort)offset << 16 | (ulong)(uint)constant << 32);
}
