# Two processes, so unpinned. The file lies in the cache of the kernel after the first round.
$file = Join-Path $build '1GiB'
if (-not (Test-Path $file)) {
    $stream = [System.IO.File]::Create($file)
    $block = [byte[]]::new(1MB)
    foreach ($i in 1..1024) {
        $stream.Write($block, 0, $block.Length)
    }
    $stream.Dispose()
}
@{
    Name        = 'Send-SocketData -Path'
    Unit        = 'a file of 1 GiB, MiB / s'
    Contestants = [ordered]@{
        Cmdlet     = { $pin = @(); Measure-PowerShell bulk send, (Join-Path $build '1GiB') }
        'socat -u' = { $pin = @(); Measure-PowerShell bulk socat, (Join-Path $build '1GiB') }
    }
    Bars        = @{ 'socat -u' = 1.2 }
}
