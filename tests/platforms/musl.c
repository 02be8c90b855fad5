/*
 * Debian has musl, but no C++ library and no OpenSSL built for it, which .NET's runtime wants. Those of glibc work on musl
 * with what they ask of glibc beyond it. Bears the name of glibc's loader, so that whatever was built for glibc loads it.
 */
#define _GNU_SOURCE
#include <link.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded;

uint32_t arc4random(void)
{
    uint32_t number;
    while (getrandom(&number, sizeof number, 0) != sizeof number)
        ;
    return number;
}

size_t __strftime_l(char *text, size_t size, const char *format, const struct tm *time, locale_t locale)
{
    return strftime_l(text, size, format, time, locale);
}

/* The destructors of thread-local objects are not run. */
int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *library)
{
    return (void)function, (void)object, (void)library, 0;
}

struct question {
    uintptr_t address;
    struct dl_find_object *answer;
};

static int find(struct dl_phdr_info *info, size_t size, void *data)
{
    const struct question *question = data;
    uintptr_t frames = 0, start = 0, end = 0;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t at = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_GNU_EH_FRAME)
            frames = at;
        if (header->p_type == PT_LOAD && question->address >= at && question->address < at + header->p_memsz) {
            start = at;
            end = at + header->p_memsz;
        }
    }
    if (!start || !frames)
        return 0;
    memset(question->answer, 0, sizeof *question->answer);
    question->answer->dlfo_map_start = (void *)start;
    question->answer->dlfo_map_end = (void *)end;
    question->answer->dlfo_eh_frame = (void *)frames;
    return 1;
}

int _dl_find_object(void *address, struct dl_find_object *answer)
{
    struct question question = { (uintptr_t)address, answer };
    return dl_iterate_phdr(find, &question) ? 0 : -1;
}

/* Old versions of libgcc's own symbols, which musl does not look at. */
unsigned __cpu_model[4];
int __cpu_indicator_init(void) { return 0; }

/* Fortified functions, without the check. */
long __fdelt_chk(long descriptor) { return descriptor / (8 * (long)sizeof(long)); }
void *__memcpy_chk(void *to, const void *from, size_t count, size_t size) { return (void)size, memcpy(to, from, count); }
void *__memset_chk(void *to, int value, size_t count, size_t size) { return (void)size, memset(to, value, count); }
char *__strcat_chk(char *to, const char *from, size_t size) { return (void)size, strcat(to, from); }
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list list) { return (void)flag, vfprintf(file, format, list); }

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int result = __vfprintf_chk(file, flag, format, list);
    va_end(list);
    return result;
}

int __sprintf_chk(char *text, int flag, size_t size, const char *format, ...)
{
    va_list list;
    (void)flag, (void)size;
    va_start(list, format);
    int result = vsprintf(text, format, list);
    va_end(list);
    return result;
}

void __syslog_chk(int priority, int flag, const char *format, ...) { (void)priority, (void)flag, (void)format; }

/* OpenSSL's asynchronous jobs, which nobody here starts. */
int getcontext(void *context) { return (void)context, -1; }
int setcontext(const void *context) { return (void)context, -1; }
void makecontext(void *context, void (*function)(void), int count, ...) { (void)context, (void)function, (void)count; }
