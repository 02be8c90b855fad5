namespace NetKeepAlive.Interop.Bpf;

/// <summary>The commands of bpf(2): <c>enum bpf_cmd</c> of <c>linux/bpf.h</c>.</summary>
internal enum BpfCommand
{
    MapCreate = 0,
    MapLookupElem = 1,
    MapUpdateElem = 2,
    MapDeleteElem = 3,
    MapGetNextKey = 4,
    ProgLoad = 5,
    ObjPin = 6,
    ObjGet = 7,
    ProgGetFdById = 13,
    MapGetFdById = 14,
    ObjGetInfoByFd = 15,
    ProgQuery = 16,
    LinkCreate = 28,
    LinkGetFdById = 30,
    LinkGetNextId = 31,
    IterCreate = 33,
    LinkDetach = 34,
}

/// <summary>The kinds of maps that are used here: <c>enum bpf_map_type</c>.</summary>
internal enum BpfMapType : uint
{
    Hash = 1,
    Array = 2,
    LpmTrie = 11,
}

/// <summary>The other numbers of <c>linux/bpf.h</c>.</summary>
internal static class BpfAbi
{
    /// <summary>The longest name of a program or map and its final zero: <c>BPF_OBJ_NAME_LEN</c>.</summary>
    internal const int ObjectNameSize = 16;

    internal const uint ProgTypeSockOps = 13; // BPF_PROG_TYPE_SOCK_OPS
    internal const uint ProgTypeTracing = 26; // BPF_PROG_TYPE_TRACING
    internal const uint CgroupSockOps = 3; // BPF_CGROUP_SOCK_OPS
    internal const uint TraceIter = 28; // BPF_TRACE_ITER
    internal const uint LinkTypeCgroup = 3; // BPF_LINK_TYPE_CGROUP
    internal const uint NoPrealloc = 1; // BPF_F_NO_PREALLOC

    // enum of the field op of struct bpf_sock_ops
    internal const int ActiveEstablished = 4; // BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB
    internal const int PassiveEstablished = 5; // BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB

    // struct bpf_sock_ops
    internal const int SockOpsOp = 0;
    internal const int SockOpsRemoteIP6 = 32;
    internal const int SockOpsRemotePort = 64;
    internal const int SockOpsLocalPort = 68;

    // enum bpf_func_id
    internal const int FuncMapLookupElem = 1;
    internal const int FuncSetSockOpt = 49;
    internal const int FuncGetSockOpt = 57;
    internal const int FuncSeqWrite = 127;
}
